internal import Kernels

extension Tensor {
  /// A convolution over channels-last images, as patches, packed block by block, times the weights.
  ///
  /// This tensor is batch x height x width x inputs.
  ///
  /// - Parameters:
  ///   - weight: outputs x kernel height x kernel width x inputs (PyTorch's order permuted 0, 2, 3, 1).
  ///   - bias: one value for each output.
  ///   - stride: pixels from patch to patch.
  ///   - padding: zeros around the image.
  ///   - activation: applied after the bias.
  ///   - residual: added last; of the result's shape.
  /// - Returns: batch x new height x new width x outputs.
  public func convolution(
    _ weight: Tensor, _ bias: Tensor? = nil, stride: Int = 1, padding: Int = 0,
    activation: Activation = .identity,
    adding residual: Tensor? = nil
  ) -> Tensor {
    let (batch, height, width, inputs) = (shape[0], shape[1], shape[2], shape[3])
    let (outputs, kernelHeight, kernelWidth) = (weight.shape[0], weight.shape[1], weight.shape[2])
    precondition(weight.shape[3] == inputs, "weight fits the input")
    let rows = (height + 2 * padding - kernelHeight) / stride + 1
    let columns = (width + 2 * padding - kernelWidth) / stride + 1
    let result = Tensor(uninitialized: [batch, rows, columns, outputs], on: compute)
    precondition(residual == nil || residual?.count == result.count, "residual fits the result")
    let depth = kernelHeight * kernelWidth * inputs
    let product = PackedProduct(transposed: weight, columns: outputs, depth: depth, on: compute)
    let tape = Tape.recording(self, weight, bias, residual)
    let kept =
      tape != nil && activation != .identity ? Tensor(uninitialized: result.shape, on: compute) : nil
    withPointer { x in
      bias.withPointer { b in
        residual.withPointer { r in
          let patches = SamPatches(
            image: x, height: height, width: width, channels: inputs, kernel_width: kernelWidth,
            stride: stride, padding: padding, rows: rows, columns: columns)
          product.multiply(
            .patches(patches), rows: batch * rows * columns, into: result.start,
            epilogue: PackedProduct.Epilogue(
              bias: b, activation: activation, residual: r, kept: kept?.start),
            on: compute)
        }
      }
    }
    guard let tape else { return result }
    let (x, added) = (self, residual?.node)
    return tape.record(result) { gradient, tape in
      #if !hasFeature(Embedded)
        tape.accumulate(gradient, in: added)
        let (dz, sums) = gradient.reshaped([batch, rows, columns, outputs]).throughActivation(
          activation, of: kept, columns: outputs, wantsSums: bias?.node != nil)
        if let sums { tape.accumulate(sums, in: bias?.node) }
        if weight.node != nil {
          tape.accumulate(
            dz.convolutionWeights(
              of: x, kernel: (kernelHeight, kernelWidth), stride: stride, padding: padding),
            in: weight.node)
        }
        if x.node != nil {
          tape.accumulate(
            dz.convolutionInput(
              weight.detached(), height: height, width: width, stride: stride, padding: padding),
            in: x.node)
        }
      #endif
    }
  }

  /// A 3x3 convolution of each channel by itself, padded by one zero, channels last.
  ///
  /// - Parameters:
  ///   - weight: 9 x channels (PyTorch's channels x 1 x 3 x 3 transposed).
  ///   - bias: one value for each channel.
  ///   - stride: 1 or 2.
  ///   - activation: applied after the bias.
  ///   - residual: added last; of the result's shape.
  public func depthwiseConvolution(
    _ weight: Tensor, _ bias: Tensor? = nil, stride: Int = 1, activation: Activation = .identity,
    adding residual: Tensor? = nil
  ) -> Tensor {
    let (batch, height, width, channels) = (shape[0], shape[1], shape[2], shape[3])
    precondition(weight.count == 9 * channels, "weight fits the channels")
    let (rows, columns) = ((height + stride - 1) / stride, (width + stride - 1) / stride)
    let result = Tensor(uninitialized: [batch, rows, columns, channels], on: compute)
    precondition(residual == nil || residual?.count == result.count, "residual fits the result")
    if let tape = Tape.recording(self, weight, bias, residual), activation != .identity || residual != nil {
      // In steps, each recorded.
      _ = tape
      let y = depthwiseConvolution(weight, bias, stride: stride).activated(activation)
      return residual.map { y.adding($0) } ?? y
    }
    withPointer { x in
      weight.withPointer { w in
        bias.withPointer { b in
          residual.withPointer { r in
            nonisolated(unsafe) let (x, w, b, r, y) = (x, w, b, r, result.start)
            compute.forEachRange(of: batch * rows, atLeast: 2) { range in
              for row in range {
                let centre = row % rows * stride
                let here = x + (row / rows * height + centre) * width * channels
                VectorKernels.best.depthwise3x3(
                  centre > 0 ? here - width * channels : nil, here,
                  centre + 1 < height ? here + width * channels : nil, w, b,
                  r.map { $0 + row * columns * channels },
                  activation.rawValue, y + row * columns * channels, width, columns, stride, channels)
              }
            }
          }
        }
      }
    }
    guard let tape = Tape.recording(self, weight, bias) else { return result }
    let x = self
    return tape.record(result) { gradient, tape in
      #if !hasFeature(Embedded)
        let dy = gradient.reshaped([batch, rows, columns, channels])
        if weight.node != nil || bias?.node != nil {
          let sums = dy.depthwiseWeights(of: x, stride: stride).reshaped([10, channels])
          tape.accumulate(sums[outermost: 0..<9], in: weight.node)
          tape.accumulate(sums[outermost: 9], in: bias?.node)
        }
        if x.node != nil {
          tape.accumulate(
            dy.depthwiseInput(weight.detached(), height: height, width: width, stride: stride), in: x.node)
        }
      #endif
    }
  }
}
