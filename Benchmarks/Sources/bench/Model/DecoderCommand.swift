internal import ArgumentParser
internal import SegmentAnything
internal import Tensors

/// Prompts on a ready embedding.
struct DecoderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decoder",
    abstract: "Point prompts on a ready embedding, by their number.",
    discussion: """
      Each point gets three masks. Low resolution: 256 x 256 logits and predicted IoU. Whole: binary masks of the \
      photo's 1024 x 1024 pixels as well.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var models: ModelOptions

  @Option(help: ArgumentHelp("Numbers of prompts, separated by commas.", valueName: "numbers"))
  var prompts = "1,8,64"

  func run() throws {
    let counts = prompts.split(separator: ",").compactMap { Int($0) }
    guard !counts.isEmpty, counts.allSatisfy({ (1...4096).contains($0) }) else {
      throw ValidationError("--prompts wants numbers from 1 to 4096")
    }
    let compute = common.compute
    let photo = try BenchedModel.photo()
    var report = Report(
      "Prompts", "model", "prompts", "low resolution ms", "each", "whole ms", "each ")
    for model in try models.load(on: compute) {
      let input = ModelInput(photo, size: model.configuration.imageSize, compute: compute).tensor
      let features = try model.encode(input)
      let embedding = try model.sam.embed(photo)
      for count in counts {
        let points = model.points(count)
        let scale = 1024 / Float(model.configuration.imageSize)
        let prompts = points.map { Prompt.point($0.x * scale, $0.y * scale) }
        let runs = max(common.runs, 100 / count)
        let low = Samples(runs) { _ = model.decode(points, on: features, compute) }.median
        let whole = try Samples(runs) {
          _ = try model.sam.predict(prompts, in: embedding, multimask: true)
        }.median
        report.add(
          .text(model.name), .number(Double(count), 0), Report.time(low), Report.time(low / Double(count)),
          Report.time(whole), Report.time(whole / Double(count)))
      }
    }
    try report.print(common)
  }
}
