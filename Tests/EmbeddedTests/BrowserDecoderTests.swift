import Checkpoints
import Foundation
import Modeling
import Tensors
import TestSupport
import Testing

@testable import Verification

/// The decoder compiled as Embedded Swift for WebAssembly, where the machine has what that takes.
@Suite struct BrowserDecoderTests {
  /// What `scripts/check-embedded` decoded, with its prompts.
  private struct Report: Decodable {
    struct Model: Decodable {
      var name: String
      /// Side of the model input, then the sizes of the decoder.
      var sizes: [Int]
      /// The checkpoint, or nil for parameters that follow the formula.
      var file: String?
      var cases: [Case]
    }
    struct Case: Decodable {
      var name: String
      var coordinates: [[Float]]
      var kinds: [Int]
      var hasMask: Bool
      /// Of the masks asked for.
      var first: Int, count: Int
      var logits: [Float]
      var iou: [Float]
    }
    var models: [Model]
  }

  @Test(.timeLimit(.minutes(10)))
  func numbersAreThoseOfTheNativeBuild() throws {
    let folder = try TemporaryDirectory()
    let path = folder.file("report.json")
    let (status, output) = try run(["--json", path])
    if status == 77 {
      print("skipped: \(output)")
      return
    }
    try #require(status == 0, "\(output)")
    let report = try JSONDecoder().decode(Report.self, from: Data(contentsOf: URL(filePath: path)))
    #expect(report.models.count == 2)
    for model in report.models {
      let native = try NativeDecoder(model)
      #expect(model.cases.count == 4)
      for decoded in model.cases {
        let expected = try native.decode(decoded)
        let name = "\(model.name), \(decoded.name)"
        #expect(largestDifference(decoded.iou, expected.iouPredictions) < 1e-4, "\(name)")
        #expect(
          largestDifference(decoded.logits, expected.logits) < 1e-4 * magnitude(decoded.logits), "\(name)")
      }
    }
  }

  /// The same model and prompts through the library.
  private struct NativeDecoder {
    let compute: Compute
    let prompts: PromptEncoder
    let masks: MaskDecoder
    let image: MaskDecoder.ImageFeatures
    let lowResolutionSize: Int

    init(_ model: Report.Model) throws {
      let compute = Compute(threads: 2)
      self.compute = compute
      let sizes = model.sizes
      try #require(sizes.count == 10)
      let configuration = ModelConfiguration(
        imageSize: sizes[0],
        encoder: .viT(ViTConfiguration(width: 1, depth: 0, heads: 1, mlpWidth: 1, globalBlocks: [])),
        decoder: DecoderConfiguration(
          width: sizes[1], maskInputChannels: sizes[2], depth: sizes[3], heads: sizes[4], mlpWidth: sizes[5],
          attentionDownsampling: sizes[6], multimaskOutputs: sizes[7], iouHeadDepth: sizes[8],
          iouHeadWidth: sizes[9]))
      let tensors =
        try model.file.map {
          try Checkpoint(contentsOfFile: Package.root + "/" + $0, compute: compute).tensors
        }
        ?? Formula.embedded.decoderParameters(configuration, on: compute)
      let parameters = Parameters(tensors, on: compute)
      prompts = try PromptEncoder(parameters["prompt_encoder"], configuration)
      masks = try MaskDecoder(parameters["mask_decoder"], configuration)

      func input(_ number: Int, _ shape: Shape) -> Tensor {
        Formula.embedded.numbers("input\(number)", shape, limit: 1, on: compute)
      }
      let (side, width) = (configuration.embeddingSize, sizes[1])
      let features = MaskDecoder.ImageFeatures(
        embedding: input(0, [side, side, width]), positions: prompts.densePositions(side),
        highResolution: model.file.map { _ in
          (s0: input(1, [4 * side, 4 * side, width / 8]), s1: input(2, [2 * side, 2 * side, width / 4]))
        })
      image = masks.prepared(features, noMask: prompts.noMaskEmbedding)
      lowResolutionSize = configuration.lowResolutionSize
    }

    func decode(_ prompt: Report.Case) throws -> MaskDecoder.Output {
      let kinds = try prompt.kinds.map { try #require(PromptEncoder.PointKind(rawValue: $0)) }
      let side = lowResolutionSize
      let encoded = prompts(
        coordinates: Tensor(prompt.coordinates.flatMap { $0 }, shape: [1, kinds.count, 2], on: compute),
        kinds: kinds,
        masks: prompt.hasMask
          ? Formula.embedded.numbers("input3", [1, side, side], limit: 10, on: compute) : nil)
      return masks(image, prompts: encoded, masks: prompt.first..<prompt.first + prompt.count)
    }
  }

  /// The largest absolute value, at least 1.
  private func magnitude(_ values: [Float]) -> Float { values.reduce(1) { max($0, abs($1)) } }

  private func largestDifference(_ found: [Float], _ expected: Tensor) -> Float {
    guard found.count == expected.count else { return .infinity }
    return zip(found, expected.elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  private func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let folder = try TemporaryDirectory()
    let log = folder.file("log")
    try Data().write(to: URL(filePath: log))
    let process = Process()
    process.executableURL = URL(filePath: Package.root + "/scripts/check-embedded")
    process.arguments = arguments
    process.standardOutput = FileHandle(forWritingAtPath: log)
    process.standardError = process.standardOutput
    try process.run()
    process.waitUntilExit()
    return (
      process.terminationStatus, String(decoding: try Data(contentsOf: URL(filePath: log)), as: UTF8.self)
    )
  }
}
