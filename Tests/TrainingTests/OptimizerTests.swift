import Modeling
import Tensors
import TestSupport
import Testing

@testable import Training

@Suite("The optimiser")
struct OptimizerTests {
  /// A state of parameters that are all `value`, for a vision transformer of three blocks.
  private func state(_ shapes: [String: [Int]], value: Float = 0.5) throws -> TrainingState {
    var configuration = try #require(ModelForms.named("vit_b"))
    configuration.encoder = .viT(
      ViTConfiguration(width: 8, depth: 3, heads: 2, mlpWidth: 16, globalBlocks: [2]))
    let parameters = try shapes.mapValues { shape in
      Tensor(repeating: value, shape: try #require(Shape(checking: shape)))
    }
    return TrainingState(parameters, configuration)
  }

  private func gradients(of state: TrainingState, _ value: Float) -> [String: Tensor] {
    state.parameters.mapValues { Tensor(repeating: value, shape: $0.shape) }
  }

  @Test("follows the formulas of AdamW, step after step")
  func formulas() throws {
    let name = "mask_decoder.x.weight"
    var state = try state([name: [2, 2]])
    var optimizer = AdamW()
    (optimizer.beta1, optimizer.beta2, optimizer.weightDecay) = (0.8, 0.95, 0.2)
    var (w, m, v) = (0.5, 0.0, 0.0)
    for (index, gradient) in [0.3, -0.2, 0.05, 1.5, -0.7].enumerated() {
      let rate = 0.01 * Double(index + 1)
      optimizer.step(&state, gradients: gradients(of: state, Float(gradient)), rate: Float(rate))
      m = 0.8 * m + 0.2 * gradient
      v = 0.95 * v + 0.05 * gradient * gradient
      var (c1, c2) = (1.0, 1.0)
      for _ in 0...index { (c1, c2) = (c1 * 0.8, c2 * 0.95) }
      w -= rate * (0.2 * w + m / (1 - c1) / ((v / (1 - c2)).squareRoot() + 1e-8))
      for element in try #require(state.parameters[name]).elements {
        #expect(abs(Double(element) - w) < 1e-5)
      }
    }
    #expect(state.step == 5)
  }

  @Test("takes weight off matrices and kernels, and off neither biases, norms nor embeddings")
  func decay() throws {
    let shapes = [
      "image_encoder.blocks.0.attn.qkv.weight": [4, 2],
      "image_encoder.patch_embed.proj.weight": [2, 3, 4, 4],
      "image_encoder.blocks.0.attn.qkv.bias": [4], "image_encoder.blocks.0.norm1.weight": [4],
      "image_encoder.pos_embed": [1, 2, 2, 4], "image_encoder.blocks.0.attn.rel_pos_h": [3, 4],
      "mask_decoder.iou_token.weight": [1, 4], "prompt_encoder.point_embeddings.0.weight": [1, 4],
      "mask_decoder.transformer.layers.0.mlp.lin1.weight": [4, 4],
    ]
    var state = try state(shapes)
    var optimizer = AdamW()
    optimizer.weightDecay = 0.1
    optimizer.step(&state, gradients: gradients(of: state, 0), rate: 0.5)
    let changed = state.parameters.filter { $0.value.elements[0] != 0.5 }
    #expect(
      changed.keys.sorted() == [
        "image_encoder.blocks.0.attn.qkv.weight", "mask_decoder.transformer.layers.0.mlp.lin1.weight",
      ])
    #expect(changed.values.allSatisfy { abs($0.elements[0] - 0.5 * 0.95) < 1e-6 })
    optimizer.decaysVectors = true
    optimizer.step(&state, gradients: gradients(of: state, 0), rate: 0.5)
    #expect(state.parameters.values.allSatisfy { $0.elements[0] < 0.5 })
  }

  @Test("makes smaller steps the deeper a layer lies in the encoder", arguments: [1, 0.8] as [Float])
  func layers(decay: Float) throws {
    let powers = [
      ("image_encoder.patch_embed.proj.bias", 4), ("image_encoder.pos_embed", 4),
      ("image_encoder.blocks.0.norm1.bias", 3), ("image_encoder.blocks.2.norm1.bias", 1),
      ("image_encoder.neck.1.bias", 0), ("mask_decoder.iou_token.weight", 0),
      ("prompt_encoder.no_mask_embed.weight", 0),
    ]
    var state = try state(Dictionary(uniqueKeysWithValues: powers.map { ($0.0, [2]) }))
    var optimizer = AdamW()
    (optimizer.weightDecay, optimizer.layerDecay) = (0, decay)
    optimizer.step(&state, gradients: gradients(of: state, 3), rate: 0.1)
    for (name, power) in powers {
      // Adam's first step is the rate, whatever the gradient.
      let expected = 0.5 - 0.1 * (0..<power).reduce(Float(1)) { product, _ in product * decay }
      #expect(abs(try #require(state.parameters[name]).elements[0] - expected) < 1e-6, "\(name)")
    }
  }

  @Test("shortens long gradients, all parameters taken together, and tells their length")
  func clip() throws {
    let shapes = ["mask_decoder.a.bias": [4], "mask_decoder.b.bias": [12]]
    var (long, short) = (try state(shapes), try state(shapes))
    var optimizer = AdamW()
    optimizer.clip = 1
    #expect(optimizer.step(&long, gradients: gradients(of: long, 2), rate: 0.1) == 8)
    #expect(
      try #require(long.firstMoments["mask_decoder.a.bias"]).elements.allSatisfy { abs($0 - 0.025) < 1e-7 })
    #expect(optimizer.step(&short, gradients: gradients(of: short, 0.125), rate: 0.1) == 0.5)
    #expect(
      try #require(short.firstMoments["mask_decoder.b.bias"]).elements.allSatisfy { abs($0 - 0.0125) < 1e-7 })
  }

  @Test("averages weights, and forgets the beginning quickly")
  func average() throws {
    let name = "mask_decoder.a.bias"
    var state = try state([name: [2]])
    var optimizer = AdamW()
    optimizer.averageDecay = 0.25
    var mean = 0.5
    for step in 1...6 {
      optimizer.step(&state, gradients: gradients(of: state, step % 2 == 0 ? 1 : -0.5), rate: 0.1)
      let kept = min(0.25, Double(1 + step) / Double(10 + step))
      mean = kept * mean + (1 - kept) * Double(try #require(state.parameters[name]).elements[0])
      #expect(abs(Double(try #require(state.averages[name]).elements[1]) - mean) < 1e-6)
    }
    optimizer.averageDecay = 0
    optimizer.step(&state, gradients: gradients(of: state, 1), rate: 0.1)
    #expect(state.averages[name]?.elements == state.parameters[name]?.elements)
  }

  @Test(
    "moves matrices along the orthogonal matrix nearest to their momentum, queries, keys and values apart, and all else as ever"
  )
  func muon() throws {
    let shapes = [
      "image_encoder.blocks.0.attn.qkv.weight": [48, 16], "mask_decoder.a.weight": [16, 32],
      "mask_decoder.narrow.weight": [8, 64], "mask_decoder.a.bias": [16],
    ]
    var (state, plain) = (try state(shapes), try state(shapes))
    var optimizer = AdamW()
    (optimizer.weightDecay, optimizer.clip) = (0.1, nil)
    let adam = optimizer
    optimizer.matrices = Muon()
    let gradients = state.parameters.mapValues { parameter in
      Tensor((0..<parameter.count).map { Float(($0 * 7919) % 101) / 50 - 1 }, shape: parameter.shape)
    }
    let rate: Float = 0.01
    optimizer.step(&state, gradients: gradients, rate: rate)
    adam.step(&plain, gradients: gradients, rate: rate)
    for name in ["mask_decoder.narrow.weight", "mask_decoder.a.bias"] {
      #expect(state.parameters[name]?.elements == plain.parameters[name]?.elements, "\(name)")
    }
    // In the first step momentum and gradient have one direction.
    for (name, parts, side) in [
      ("image_encoder.blocks.0.attn.qkv.weight", 3, 16), ("mask_decoder.a.weight", 1, 32),
    ] {
      let gradient = try #require(gradients[name])
      let rows = gradient.shape[0] / parts
      for part in 0..<parts {
        let range = part * rows * gradient.shape[1]..<(part + 1) * rows * gradient.shape[1]
        let direction = Tensor(Array(gradient.elements[range]), shape: [rows, gradient.shape[1]])
          .orthogonalized()
        for (moved, step) in zip(try #require(state.parameters[name]).elements[range], direction.elements) {
          let expected = 0.5 * (1 - rate * 0.1) - rate * 0.2 * Float(side).squareRoot() * step
          #expect(abs(moved - expected) < 1e-5, "\(name)")
        }
      }
      #expect(state.secondMoments[name] == nil)
    }
  }
}
