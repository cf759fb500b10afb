internal import ArgumentParser
internal import Checkpoints
internal import Foundation
internal import Modeling
internal import SegmentAnything
internal import Tensors

/// Measures on demand, so that a script can alternate between us and others.
struct AnswerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "answer",
    abstract: "Measure whatever standard input asks for; used by peers/compare.",
    discussion: """
      Each line is a request, and gets a line with a number in answer:
        encode         milliseconds to encode the input
        decode N       milliseconds to answer N point prompts on it, as logits and IoU
        save FILE      writes the embedding, and logits and IoU of the first prompts, as safetensors
        peak           megabytes of memory used so far
        sgemm          GFLOPS of the vendor's product
      """)

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("The model.", valueName: "file"))
  var checkpoint: String

  @Option(
    help: ArgumentHelp(
      "Safetensors: 'input', size x size x 3, normalised; 'points', N x 2, pixels of it.", valueName: "file"))
  var inputs: String

  func run() throws {
    let compute = common.compute
    let model = try BenchedModel(checkpoint: checkpoint, on: compute)
    let tensors = try Checkpoint(contentsOfFile: inputs, compute: compute).tensors
    guard let input = tensors["input"], let coordinates = tensors["points"]?.elements else {
      throw ValidationError("\(inputs) has no input or no points")
    }
    let points = (0..<coordinates.count / 2).map { (x: coordinates[2 * $0], y: coordinates[2 * $0 + 1]) }
    var features: MaskDecoder.ImageFeatures?
    var rate: VendorRate?
    reply(0)
    while let line = readLine() {
      let words = line.split(separator: " ").map(String.init)
      switch (words.first, words.count) {
      case ("encode", 1): reply(try milliseconds { features = try model.encode(input) })
      case ("decode", 2):
        guard let features, let count = Int(words[1]), (1...points.count).contains(count) else {
          throw ValidationError("cannot answer '\(line)' yet")
        }
        let prompts = Array(points.prefix(count))
        reply(milliseconds { _ = model.decode(prompts, on: features, compute) })
      case ("save", 2):
        guard let features else { throw ValidationError("cannot answer '\(line)' yet") }
        let answers = model.decode(Array(points.prefix(4)), on: features, compute)
        try Checkpoint.write(
          [
            "embedding": features.embedding, "logits": Tensor.concatenating(answers.map(\.logits)),
            "iou": Tensor.concatenating(answers.map(\.iouPredictions)),
          ], to: words[1])
        reply(0)
      case ("peak", 1): reply(Machine.peakMemory)
      case ("sgemm", 1):
        var yardstick = rate ?? VendorRate(threads: common.threads)
        reply(yardstick.measure())
        rate = yardstick
      default: throw ValidationError("'\(line)' is not a request")
      }
    }
  }

  private func reply(_ number: Double) {
    print(number)
    fflush(nil)
  }
}
