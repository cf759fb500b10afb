internal import Tensors

extension Kernel {
  /// All layers of the table that also drives the tests.
  static var all: [Kernel] {
    LayerShapes.products.map(product) + LayerShapes.grids.map(grid) + LayerShapes.attentions.map(attention)
      + LayerShapes.convolutions.map(convolution) + LayerShapes.depthwiseConvolutions.map(depthwise)
      + LayerShapes.transposedConvolutions.map(transposed) + LayerShapes.normalisations.map(normalisation)
  }

  private static func product(_ layer: LayerShapes.Product) -> Kernel {
    let (rows, inputs, outputs) = (layer.rows, layer.inputs, layer.outputs)
    return Kernel(
      group: "linear", name: layer.description, operations: 2 * Double(rows * inputs * outputs)
    ) { compute in
      let x = operand([rows, inputs], on: compute)
      let weight = operand([outputs, inputs], on: compute)
      let bias = operand([outputs], on: compute)
      return Work(
        run: { _ = x.linear(weight, bias) },
        naive: { Naive.linear(x, weight, bias, rows: $0) }, rows: rows)
    }
  }

  private static func grid(_ layer: LayerShapes.Grid) -> Kernel {
    let (side, heads, width) = (layer.side, layer.heads, layer.width)
    let window = layer.window > 0 ? layer.window : side
    let channels = heads * width
    let keys = window * window + (layer.hasRelativePositions ? window : 0)
    return Kernel(
      group: "grid attention", name: layer.description,
      operations: 4 * Double(side * side * keys * channels)
    ) { compute in
      let qkv = operand([1, side, side, 3 * channels], on: compute)
      let padding = operand([3 * channels], on: compute)
      let relative =
        layer.hasRelativePositions ? operand([2 * window - 1, width], scale: 0.1, on: compute) : nil
      let bias =
        layer.hasRelativePositions
        ? nil : operand([heads, window * window, window * window], on: compute)
      return Work(
        run: {
          _ = qkv.gridAttention(
            heads: heads, window: layer.window, padding: padding, relativeRows: relative,
            relativeColumns: relative, bias: bias)
        },
        naive: {
          Naive.gridAttention(
            qkv, heads: heads, window: window, padding: padding, relative: relative, bias: bias, rows: $0)
        }, rows: side * side)
    }
  }

  private static func attention(_ layer: LayerShapes.Attention) -> Kernel {
    let channels = layer.heads * layer.width
    return Kernel(
      group: "attention", name: layer.description,
      operations: 4 * Double(layer.batch * layer.queries * layer.keys * channels)
    ) { compute in
      let q = operand([layer.batch, layer.queries, channels], on: compute)
      let k = operand([1, layer.keys, channels], on: compute)
      let v = operand([1, layer.keys, channels], on: compute)
      return Work(
        run: { _ = q.attention(keys: k, values: v, heads: layer.heads) },
        naive: { Naive.attention(q, k, v, heads: layer.heads, rows: $0) },
        rows: layer.batch * layer.queries)
    }
  }

  private static func convolution(_ layer: LayerShapes.Convolution) -> Kernel {
    let side = (layer.side + 2 * layer.padding - layer.kernel) / layer.stride + 1
    return Kernel(
      group: "convolution", name: layer.description,
      operations: 2 * Double(side * side * layer.kernel * layer.kernel * layer.inputs * layer.outputs)
    ) { compute in
      let x = operand([1, layer.side, layer.side, layer.inputs], on: compute)
      let weight = operand([layer.outputs, layer.kernel, layer.kernel, layer.inputs], on: compute)
      let bias = operand([layer.outputs], on: compute)
      return Work(
        run: { _ = x.convolution(weight, bias, stride: layer.stride, padding: layer.padding) },
        naive: {
          Naive.convolution(x, weight, bias, stride: layer.stride, padding: layer.padding, rows: $0)
        }, rows: side * side)
    }
  }

  private static func depthwise(_ layer: LayerShapes.Convolution) -> Kernel {
    let side = (layer.side - 1) / layer.stride + 1
    return Kernel(
      group: "depthwise convolution", name: layer.description,
      operations: 2 * Double(side * side * 9 * layer.inputs)
    ) { compute in
      let x = operand([1, layer.side, layer.side, layer.inputs], on: compute)
      let weight = operand([9, layer.inputs], on: compute)
      let bias = operand([layer.inputs], on: compute)
      return Work(
        run: { _ = x.depthwiseConvolution(weight, bias, stride: layer.stride) },
        naive: { Naive.depthwise(x, weight, bias, stride: layer.stride, rows: $0) }, rows: side * side)
    }
  }

  private static func transposed(_ layer: LayerShapes.Convolution) -> Kernel {
    let side = 2 * layer.side
    return Kernel(
      group: "transposed convolution", name: layer.description,
      operations: 2 * Double(side * side * layer.inputs * layer.outputs)
    ) { compute in
      let x = operand([1, layer.side, layer.side, layer.inputs], on: compute)
      let weight = operand([2, 2, layer.outputs, layer.inputs], on: compute)
      let bias = operand([layer.outputs], on: compute)
      return Work(
        run: { _ = x.transposedConvolution2x2(weight, bias) },
        naive: { Naive.transposed(x, weight, bias, rows: $0) }, rows: side * side)
    }
  }

  /// Sums and sums of squares, then a multiplication and an addition twice.
  private static func normalisation(_ layer: LayerShapes.Rows) -> Kernel {
    Kernel(
      group: "layer norm", name: layer.description, operations: 8 * Double(layer.rows * layer.channels)
    ) { compute in
      let x = operand([layer.rows, layer.channels], on: compute)
      let (weight, bias) = (operand([layer.channels], on: compute), operand([layer.channels], on: compute))
      return Work(
        run: { _ = x.layerNorm(weight, bias, epsilon: 1e-6) },
        naive: { Naive.layerNorm(x, weight, bias, rows: $0) }, rows: layer.rows)
    }
  }
}
