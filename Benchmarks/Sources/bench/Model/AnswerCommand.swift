internal import ArgumentParser
internal import Checkpoints
internal import Foundation
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
        decode N K     milliseconds to answer N point prompts on it, as logits and IoU: the median of K times in a row
        save FILE      writes the embedding, and logits and IoU of the first prompts, as safetensors
        write FILE N   encodes the input as that of an image of N x N pixels, and writes the embedding to a file
        use FILE       reads an embedding for everything mode
        everything P I S B
                       milliseconds for all masks of P x P points; thresholds of predicted IoU, stability and box NMS
        masks          how many there were
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
    let points = (0..<coordinates.count / 2).map {
      Prompt.point(coordinates[2 * $0], coordinates[2 * $0 + 1])
    }
    let size = model.sam.configuration.imageSize
    var embedding: ImageEmbedding?
    func decode(_ count: Int) throws -> [Prediction] {
      guard let embedding, (1...points.count).contains(count) else {
        throw ValidationError("nothing is encoded, or there are fewer than \(count) points")
      }
      return try model.sam.predict(Array(points.prefix(count)), in: embedding, multimask: true)
    }
    var everything: Everything?
    var rate: VendorRate?
    reply(0)
    while let line = readLine() {
      let words = line.split(separator: " ").map(String.init)
      switch (words.first, words.count) {
      case ("encode", 1):
        reply(try milliseconds { embedding = try model.sam.embed(input, width: size, height: size) })
      case ("decode", 3):
        let (count, calls) = (Int(words[1]) ?? 0, max(1, Int(words[2]) ?? 1))
        reply(try Samples(calls, warmingUp: false) { _ = try decode(count) }.median)
      case ("save", 2):
        let answers = try decode(4)
        try Checkpoint.write(
          [
            "embedding": embedding?.embedding ?? input,
            "logits": Tensor(
              answers.flatMap(\.lowResolutionLogits.elements),
              shape: [answers.count, 3, size / 4, size / 4]),
            "iou": Tensor(answers.flatMap(\.iouPredictions), shape: [answers.count, 3]),
          ], to: words[1])
        reply(0)
      case ("write", 3):
        let side = Int(words[2]) ?? size
        try model.sam.embed(input, width: side, height: side).write(to: words[1])
        reply(0)
      case ("use", 2):
        everything = try Everything(model.sam, embedding: words[1])
        reply(0)
      case ("everything", 5): reply(try milliseconds { try everything?.run(words.dropFirst()) })
      case ("masks", 1): reply(Double(everything?.count ?? 0))
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
