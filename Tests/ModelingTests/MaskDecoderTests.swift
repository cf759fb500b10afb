import Modeling
import Tensors
import TestSupport
import Testing

/// The decoder answers one prompt by ways of its own: on a prepared image positions are never held (their factored form), with a mask or
/// many tokens projections move to the tokens' side. The modules as the paper has them, which a batch runs through, are the oracle of both.
@Suite("Mask decoder")
struct MaskDecoderTests {
  struct Form: CustomTestStringConvertible, Sendable {
    var width: Int, heads: Int, depth: Int, downsampling: Int, masks: Int, side: Int
    var testDescription: String { "width \(width), \(heads) heads, \(depth) layers, \(side)x\(side)" }
  }

  static let forms = [
    Form(width: 64, heads: 4, depth: 2, downsampling: 2, masks: 3, side: 16),
    Form(width: 256, heads: 8, depth: 2, downsampling: 2, masks: 3, side: 16),
    Form(width: 40, heads: 5, depth: 3, downsampling: 1, masks: 4, side: 7),
    Form(width: 24, heads: 3, depth: 1, downsampling: 2, masks: 1, side: 11),
    Form(width: 128, heads: 8, depth: 2, downsampling: 4, masks: 3, side: 3),
    Form(width: 128, heads: 4, depth: 2, downsampling: 2, masks: 3, side: 10),
  ]

  @Test(arguments: forms) func onePromptIsAnsweredAsInABatch(_ form: Form) throws {
    let made = try MadeDecoder(form)
    let (promptEncoder, decoder, image, prepared) = (
      made.promptEncoder, made.decoder, made.image, made.prepared
    )
    var random = SplitMix64(seed: 19)
    let low = 4 * form.side
    let logits = Tensor(
      (0..<low * low).map { _ in Float.random(in: -8...8, using: &random) }, shape: [1, low, low])

    // The last has more tokens than the factored form is used for, in most forms.
    for (points, hasMask) in [(1, false), (3, false), (2, true), (0, true), (14, false)] {
      let coordinates = (0..<2 * points).map { _ in
        Float.random(in: 0...Float(16 * form.side), using: &random)
      }
      let kinds = (0..<points).map { PromptEncoder.PointKind(rawValue: ($0 + 2) % 5) ?? .padding }
      let prompt = promptEncoder(
        coordinates: Tensor(coordinates, shape: [1, points, 2]), kinds: kinds, masks: hasMask ? logits : nil)
      let batch = promptEncoder(
        coordinates: Tensor(coordinates + coordinates, shape: [2, points, 2]), kinds: kinds + kinds,
        masks: hasMask ? logits.repeated(2) : nil)
      for masks in [0..<1, decoder.multimaskRange, 0..<form.masks + 1] {
        let expected = decoder(image, prompts: batch, masks: masks)
        for features in [image, prepared] {
          let found = decoder(features, prompts: prompt, masks: masks)
          #expect(found.logits.shape == [1, masks.count, low, low])
          expectNear(found.logits.elements, Array(expected.logits.elements.prefix(masks.count * low * low)))
          expectNear(
            found.iouPredictions.elements, Array(expected.iouPredictions.elements.prefix(masks.count)))
        }
      }
    }
  }

  @Test(arguments: forms) func promptsDecodedTogetherAreAnsweredAsOneByOne(_ form: Form) throws {
    let made = try MadeDecoder(form)
    var random = SplitMix64(seed: 31)
    // More than go together, and not a multiple of that.
    let count = 2 * MaskDecoder.promptsTogether + 3
    for points in [1, 2] {
      let coordinates = (0..<count * points * 2).map { _ in
        Float.random(in: 0...Float(16 * form.side), using: &random)
      }
      let kinds = (0..<count * points).map { PromptEncoder.PointKind(rawValue: $0 % 5) ?? .padding }
      let all = made.promptEncoder(
        coordinates: Tensor(coordinates, shape: [count, points, 2]), kinds: kinds, masks: nil)
      let masks = made.decoder.multimaskRange
      // Half of the masks: which they are differs from prompt to prompt.
      let median = made.decoder.select(made.prepared, prompts: all, masks: masks) { _ in false }
        .flatMap(\.iouPredictions).sorted()[count * masks.count / 2]
      let found = made.decoder.select(made.prepared, prompts: all, masks: masks) { $0 > median }
      #expect(found.count == count)
      for prompt in 0..<count {
        let range = prompt * points * 2..<(prompt + 1) * points * 2
        let one = made.promptEncoder(
          coordinates: Tensor(Array(coordinates[range]), shape: [1, points, 2]),
          kinds: Array(kinds[prompt * points..<(prompt + 1) * points]), masks: nil)
        let expected = made.decoder.select(made.prepared, prompts: one, masks: masks) { $0 > median }[0]
        #expect(found[prompt].made == expected.made)
        #expect(found[prompt].iouPredictions == expected.iouPredictions)
        #expect((found[prompt].logits == nil) == expected.made.isEmpty)
        #expect(found[prompt].logits?.shape == expected.logits?.shape)
        #expect(found[prompt].logits?.elements == expected.logits?.elements)
      }
    }
  }

  private func expectNear(
    _ found: [Float], _ expected: [Float], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let scale = expected.map { abs($0) }.max() ?? 0
    let worst = zip(found, expected).map { abs($0 - $1) }.max() ?? 0
    #expect(found.count == expected.count && worst <= 2e-5 * max(scale, 1), sourceLocation: sourceLocation)
  }
}

/// A decoder of a form with made-up weights, and an image's features.
private struct MadeDecoder {
  let promptEncoder: PromptEncoder, decoder: MaskDecoder
  let image: MaskDecoder.ImageFeatures, prepared: MaskDecoder.ImageFeatures

  init(_ form: MaskDecoderTests.Form) throws {
    let sizes = DecoderConfiguration(
      width: form.width, depth: form.depth, heads: form.heads, mlpWidth: 2 * form.width,
      attentionDownsampling: form.downsampling, multimaskOutputs: form.masks, iouHeadWidth: form.width)
    let configuration = ModelConfiguration(
      imageSize: 16 * form.side,
      encoder: .viT(ViTConfiguration(width: 32, depth: 1, heads: 2, mlpWidth: 64, globalBlocks: [])),
      decoder: sizes)
    var model = SyntheticModel()
    model.addDecoder(configuration)
    // Weights of the size that trained ones have, so that attention is neither even nor all in one place.
    let tensors = model.tensors.mapValues { tensor in
      let fanIn = max(1, tensor.count / max(1, tensor.shape[0]))
      let scale = tensor.shape.count > 1 ? 1.7 / Float(fanIn).squareRoot() : 0.5
      return Tensor(tensor.elements.map { $0 * scale }, shape: tensor.shape)
    }
    promptEncoder = try PromptEncoder(Parameters(tensors)["prompt_encoder"], configuration)
    decoder = try MaskDecoder(Parameters(tensors)["mask_decoder"], configuration)
    var random = SplitMix64(seed: 9)
    let embedding = (0..<form.side * form.side * form.width).map { _ in
      Float.random(in: -2...2, using: &random)
    }
    image = MaskDecoder.ImageFeatures(
      embedding: Tensor(embedding, shape: [form.side, form.side, form.width]),
      positions: promptEncoder.densePositions(form.side))
    prepared = decoder.prepared(image, noMask: promptEncoder.noMaskEmbedding)
  }
}
