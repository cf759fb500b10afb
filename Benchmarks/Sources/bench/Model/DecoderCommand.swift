internal import ArgumentParser
internal import SegmentAnything

/// Prompts on a ready embedding.
struct DecoderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decoder",
    abstract: "Point prompts on a ready embedding, by their number.",
    discussion: """
      Each point gets three masks. Logits: of low resolution (256 x 256; nano 96 x 96), with predicted IoU. Masks and \
      runs: those too, at the photo's 1024 x 1024 pixels.
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
      "Prompts", "model", "prompts", "logits ms", "each", "with masks, each", "with runs, each")
    for make in models.makers(on: compute) {
      let model = try make()
      let embedding = try model.sam.embed(photo)
      for count in counts {
        let prompts = BenchedModel.points(count)
        /// Milliseconds for each prompt.
        func time(_ use: ([Prediction]) -> Void) throws -> Double {
          try Samples(max(common.runs, 64 / count)) {
            use(try model.sam.predict(prompts, in: embedding, multimask: true))
          }.median / Double(count)
        }
        let logits = try time { _ in }
        let masks = try time { for answer in $0 { _ = answer.masks } }
        let runs = try time { for answer in $0 { _ = answer.runLengthMasks } }
        report.add(
          .text(model.name), .number(Double(count), 0), Report.time(logits * Double(count)),
          Report.time(logits), Report.time(masks), Report.time(runs))
      }
    }
    try report.print(common)
  }
}
