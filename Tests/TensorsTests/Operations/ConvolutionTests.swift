import Tensors
import TestSupport
import Testing

@Suite("Convolutions")
struct ConvolutionTests {
  /// Which parts of the epilogue a case has.
  static let epilogues: [(bias: Bool, activation: Activation, residual: Bool)] = [
    (false, .identity, false), (true, .gelu, false), (false, .relu, true), (true, .gelu, true),
  ]

  @Test(arguments: LayerShapes.convolutions)
  func realLayersEqualTheNaiveForm(layer: LayerShapes.Convolution) {
    compare(
      batch: 1, layer.side, layer.side, layer.inputs, layer.outputs, kernel: (layer.kernel, layer.kernel),
      layer.stride, layer.padding, ConvolutionTests.epilogues[1], rows: 20, "\(layer)")
  }

  @Test(arguments: [(1, 1), (2, 2), (3, 3), (16, 16), (1, 3), (3, 2)])
  func kernelsStridesAndPaddings(height: Int, width: Int) {
    for (stride, padding) in [(1, 0), (1, 1), (2, 0), (2, 1), (3, 2), (16, 0)] {
      for (index, (rows, columns)) in [(16, 16), (17, 19), (32, 18)].enumerated() {
        for (inputs, outputs) in [(1, 1), (3, 5)] {
          compare(
            batch: 2, rows, columns, inputs, outputs, kernel: (height, width), stride, padding,
            ConvolutionTests.epilogues[index], rows: 60,
            "\(rows)x\(columns), kernel \(height)x\(width), stride \(stride), padding \(padding)")
        }
      }
    }
  }

  private func compare(
    batch: Int, _ height: Int, _ width: Int, _ inputs: Int, _ outputs: Int, kernel: (height: Int, width: Int),
    _ stride: Int, _ padding: Int, _ has: (bias: Bool, activation: Activation, residual: Bool), rows: Int,
    _ what: String
  ) {
    let x = Tensor.random([batch, height, width, inputs], seed: 110)
    let w = Tensor.random([outputs, kernel.height, kernel.width, inputs], seed: 111)
    let bias = has.bias ? Tensor.random([outputs], seed: 112) : nil
    let shape: Shape = [
      batch, Oracle.convolved(height, kernel: kernel.height, stride: stride, padding: padding),
      Oracle.convolved(width, kernel: kernel.width, stride: stride, padding: padding), outputs,
    ]
    let residual = has.residual ? Tensor.random(shape, seed: 113) : nil
    let result = onAnyThreads(what) {
      x.on($0).convolution(
        w, bias, stride: stride, padding: padding, activation: has.activation, adding: residual)
    }
    #expect(result.shape == shape, "\(what)")
    let rows = sampledRows(shape.rows, most: rows)
    let images = Oracle.Images(
      batch: batch, height: height, width: width, channels: inputs, elements: x.elements)
    let epilogue = Oracle.Epilogue(
      bias: bias?.elements, activation: has.activation, residual: residual?.elements)
    expect(
      rows: rows, of: result,
      Oracle.convolution(
        images, w.elements, outputs: outputs, kernel: kernel, stride: stride, padding: padding, epilogue,
        rows: rows),
      what)
  }

  @Test(arguments: LayerShapes.depthwiseConvolutions)
  func realDepthwiseLayersEqualTheNaiveForm(layer: LayerShapes.Convolution) {
    compareDepthwise(
      batch: 1, layer.side, layer.side, layer.inputs, layer.stride, ConvolutionTests.epilogues[1], rows: 200,
      "\(layer)")
  }

  @Test(arguments: [1, 2], [0, 1, 2, 3])
  func depthwiseOfAnySize(stride: Int, epilogue: Int) {
    for (height, width, channels) in [(1, 1, 1), (1, 5, 3), (5, 1, 16), (2, 2, 17), (7, 9, 33), (8, 6, 64)] {
      compareDepthwise(
        batch: 3, height, width, channels, stride, ConvolutionTests.epilogues[epilogue], rows: 500,
        "\(height)x\(width)x\(channels)")
    }
  }

  private func compareDepthwise(
    batch: Int, _ height: Int, _ width: Int, _ channels: Int, _ stride: Int,
    _ has: (bias: Bool, activation: Activation, residual: Bool), rows: Int, _ what: String
  ) {
    let x = Tensor.random([batch, height, width, channels], seed: 114)
    let w = Tensor.random([9, channels], seed: 115)
    let bias = has.bias ? Tensor.random([channels], seed: 116) : nil
    let shape: Shape = [
      batch, Oracle.convolved(height, kernel: 3, stride: stride, padding: 1),
      Oracle.convolved(width, kernel: 3, stride: stride, padding: 1), channels,
    ]
    let residual = has.residual ? Tensor.random(shape, seed: 117) : nil
    let result = onAnyThreads(what) {
      x.on($0).depthwiseConvolution(w, bias, stride: stride, activation: has.activation, adding: residual)
    }
    #expect(result.shape == shape, "\(what)")
    let rows = sampledRows(shape.rows, most: rows)
    let images = Oracle.Images(
      batch: batch, height: height, width: width, channels: channels, elements: x.elements)
    let epilogue = Oracle.Epilogue(
      bias: bias?.elements, activation: has.activation, residual: residual?.elements)
    expect(
      rows: rows, of: result, Oracle.depthwise(images, w.elements, stride: stride, epilogue, rows: rows), what
    )
  }

  /// The residual of a transposed convolution.
  enum Residual: CaseIterable {
    case none, whole, shared
  }

  @Test(arguments: LayerShapes.transposedConvolutions)
  func realTransposedLayersEqualTheNaiveForm(layer: LayerShapes.Convolution) {
    compareTransposed(
      batch: 1, layer.side, layer.side, layer.inputs, layer.outputs, .gelu, .whole, rows: 100, "\(layer)")
  }

  @Test(arguments: Residual.allCases, [Activation.identity, .gelu])
  func transposedOfAnySize(residual: Residual, activation: Activation) {
    for (batch, height, width, inputs, outputs) in [
      (1, 1, 1, 1, 1), (3, 1, 5, 3, 2), (2, 4, 3, 17, 8), (5, 24, 24, 16, 4),
    ] {
      compareTransposed(
        batch: batch, height, width, inputs, outputs, activation, residual, rows: 500,
        "\(batch)x\(height)x\(width)")
    }
  }

  private func compareTransposed(
    batch: Int, _ height: Int, _ width: Int, _ inputs: Int, _ outputs: Int, _ activation: Activation,
    _ residual: Residual, rows: Int, _ what: String
  ) {
    let x = Tensor.random([batch, height, width, inputs], seed: 118)
    let (w, bias) = (Tensor.random([2, 2, outputs, inputs], seed: 119), Tensor.random([outputs], seed: 120))
    let added: Tensor? =
      switch residual {
      case .none: nil
      case .whole: .random([batch, 2 * height, 2 * width, outputs], seed: 121)
      case .shared: .random([1, 2 * height, 2 * width, outputs], seed: 121)
      }
    let result = onAnyThreads(what) {
      x.on($0).transposedConvolution2x2(w, bias, activation: activation, adding: added)
    }
    #expect(result.shape == [batch, 2 * height, 2 * width, outputs])
    let rows = sampledRows(result.shape.rows, most: rows)
    let images = Oracle.Images(
      batch: batch, height: height, width: width, channels: inputs, elements: x.elements)
    let epilogue = Oracle.Epilogue(bias: bias.elements, activation: activation, residual: added?.elements)
    expect(
      rows: rows, of: result,
      Oracle.transposed2x2(images, w.elements, outputs: outputs, epilogue, rows: rows), what)
  }
}
