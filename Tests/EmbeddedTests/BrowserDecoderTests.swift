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
    var imageSize: Int, width: Int, mlpWidth: Int
    var cases: [Case]
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
    #expect(report.cases.count == 4)

    let native = try NativeDecoder(
      imageSize: report.imageSize, width: report.width, mlpWidth: report.mlpWidth)
    for decoded in report.cases {
      let expected = try native.decode(decoded)
      #expect(largestDifference(decoded.iou, expected.iouPredictions) < 1e-4, "\(decoded.name)")
      #expect(largestDifference(decoded.logits, expected.logits) < 1e-4, "\(decoded.name)")
    }
  }

  /// The same model and prompts through the library.
  private struct NativeDecoder {
    let formula = Formula(salt: "embedded:")
    let compute = Compute(threads: 2)
    let prompts: PromptEncoder
    let masks: MaskDecoder
    let image: MaskDecoder.ImageFeatures
    let lowResolutionSize: Int

    init(imageSize: Int, width: Int, mlpWidth: Int) throws {
      let configuration = ModelConfiguration(
        imageSize: imageSize,
        encoder: .viT(ViTConfiguration(width: 1, depth: 0, heads: 1, mlpWidth: 1, globalBlocks: [])),
        decoder: DecoderConfiguration(width: width, mlpWidth: mlpWidth))
      let parameters = Parameters(formula.decoderParameters(configuration, on: compute), on: compute)
      prompts = try PromptEncoder(parameters["prompt_encoder"], configuration)
      masks = try MaskDecoder(parameters["mask_decoder"], configuration)
      let side = configuration.embeddingSize
      let features = MaskDecoder.ImageFeatures(
        embedding: formula.numbers("image", [side, side, width], limit: 1, on: compute),
        positions: prompts.densePositions(side))
      image = masks.prepared(features, noMask: prompts.noMaskEmbedding)
      lowResolutionSize = configuration.lowResolutionSize
    }

    func decode(_ prompt: Report.Case) throws -> MaskDecoder.Output {
      let kinds = try prompt.kinds.map { try #require(PromptEncoder.PointKind(rawValue: $0)) }
      let side = lowResolutionSize
      let encoded = prompts(
        coordinates: Tensor(prompt.coordinates.flatMap { $0 }, shape: [1, kinds.count, 2], on: compute),
        kinds: kinds,
        masks: prompt.hasMask ? formula.numbers("mask", [1, side, side], limit: 10, on: compute) : nil)
      return masks(image, prompts: encoded, masks: prompt.first..<prompt.first + prompt.count)
    }
  }

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
