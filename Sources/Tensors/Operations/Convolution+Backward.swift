internal import Kernels

#if !hasFeature(Embedded)
  extension Tensor {
    /// The gradient of a convolution's weights: patchᵀ · dy over all positions, with patches packed block by block.
    ///
    /// - Parameter input: of the convolution; this tensor is the gradient by its result.
    /// - Returns: outputs x kernel height x kernel width x inputs.
    func convolutionWeights(of input: Tensor, kernel: (height: Int, width: Int), stride: Int, padding: Int)
      -> Tensor
    {
      let (batch, rows, columns, outputs) = (shape[0], shape[1], shape[2], shape[3])
      let (height, width, inputs) = (input.shape[1], input.shape[2], input.shape[3])
      let depth = kernel.height * kernel.width * inputs
      let product = OuterProduct(depth: batch * rows * columns, rows: outputs, columns: depth)
      let result = withPointer { dy in
        input.withPointer { x in
          product.product(
            dy,
            .patches(
              SamPatches(
                image: x, height: height, width: width, channels: inputs, kernel_width: kernel.width,
                stride: stride, padding: padding, rows: rows, columns: columns)),
            on: compute)
        }
      }
      return result.reshaped([outputs, kernel.height, kernel.width, inputs])
    }

    /// The gradient of a convolution's input.
    ///
    /// Pixels that lie alike between the patches' steps see the same taps of the kernel: each such class is a convolution of dy, with stride
    /// 1 and a kernel of those taps in reverse. With stride 1 there is one class, with stride 2 there are four.
    func convolutionInput(_ weight: Tensor, height: Int, width: Int, stride: Int, padding: Int) -> Tensor {
      let (batch, outputs) = (shape[0], shape[3])
      let (kernelHeight, kernelWidth, inputs) = (weight.shape[1], weight.shape[2], weight.shape[3])
      let result = Tensor(uninitialized: [batch, height, width, inputs], on: compute)
      for top in 0..<Swift.min(stride, height) {
        for left in 0..<Swift.min(stride, width) {
          let down = TapClass(
            offset: top, size: height, kernel: kernelHeight, stride: stride, padding: padding)
          let across = TapClass(
            offset: left, size: width, kernel: kernelWidth, stride: stride, padding: padding)
          guard !down.taps.isEmpty, !across.taps.isEmpty else {
            result.place(nil, stride: stride, top: top, left: left, rows: down.count, columns: across.count)
            continue
          }
          let taps = weight.permuted([1, 2, 3, 0]).reshaped([kernelHeight * kernelWidth, inputs * outputs])
            .gatheringRows(down.taps.flatMap { a in across.taps.map { b in a * kernelWidth + b } })
          // taps x inputs x outputs to inputs x taps x outputs
          let kernel = taps.reshaped([down.taps.count * across.taps.count, inputs, outputs]).permuted([
            1, 0, 2,
          ])
          .reshaped([inputs, down.taps.count, across.taps.count, outputs])
          if stride == 1 {
            return shiftedConvolution(kernel, down: down, across: across)
          }
          result.place(
            shiftedConvolution(kernel, down: down, across: across), stride: stride, top: top, left: left,
            rows: down.count, columns: across.count)
        }
      }
      return result
    }

    /// A convolution of stride 1 whose patches begin at an offset of their own in each direction.
    private func shiftedConvolution(_ kernel: Tensor, down: TapClass, across: TapClass) -> Tensor {
      let (batch, height, width, channels) = (shape[0], shape[1], shape[2], shape[3])
      let outputs = kernel.shape[0]
      let result = Tensor(uninitialized: [batch, down.count, across.count, outputs], on: compute)
      precondition(down.first == across.first, "square strides and paddings")
      let product = PackedProduct(
        transposed: kernel, columns: outputs, depth: kernel.count / Swift.max(1, outputs), on: compute)
      withPointer { x in
        let patches = SamPatches(
          image: x, height: height, width: width, channels: channels, kernel_width: across.taps.count,
          stride: 1, padding: -down.first, rows: down.count, columns: across.count)
        product.multiply(
          .patches(patches), rows: batch * down.count * across.count, into: result.start,
          epilogue: PackedProduct.Epilogue(bias: nil, activation: .identity, residual: nil), on: compute)
      }
      return result
    }

    /// Puts the pixels of `part` at every `stride`-th pixel of this fresh tensor; zeros where there is none.
    private func place(_ part: Tensor?, stride: Int, top: Int, left: Int, rows: Int, columns: Int) {
      let (batch, height, width, channels) = (shape[0], shape[1], shape[2], shape[3])
      part.withPointer { x in
        nonisolated(unsafe) let (x, y) = (x, start)
        compute.forEachRange(of: batch * rows, atLeast: 4) { range in
          for line in range {
            let out =
              y + ((line / rows * height + line % rows * stride + top) * width + left) * channels
            for column in 0..<columns {
              let pixel = out + column * stride * channels
              if let x {
                pixel.update(from: x + (line * columns + column) * channels, count: channels)
              } else {
                pixel.update(repeating: 0, count: channels)
              }
            }
          }
        }
      }
    }

    /// The gradients of a depthwise convolution's weights, 9 x channels, followed by its bias's.
    func depthwiseWeights(of input: Tensor, stride: Int) -> Tensor {
      let (batch, rows, columns, channels) = (shape[0], shape[1], shape[2], shape[3])
      let (height, width) = (input.shape[1], input.shape[2])
      return withPointer { dy in
        input.withPointer { x in
          nonisolated(unsafe) let (x, dy) = (x, dy)
          return compute.sumOfParts(
            of: batch * rows, rowSize: columns * channels, width: 10 * channels
          ) { range, sums in
            for row in range {
              let centre = row % rows * stride
              let here = x + (row / rows * height + centre) * width * channels
              VectorKernels.training.depthwise3x3_weights(
                centre > 0 ? here - width * channels : nil, here,
                centre + 1 < height ? here + width * channels : nil, dy + row * columns * channels, sums,
                sums + 9 * channels, width, columns, stride, channels)
            }
          }
        }
      }
    }

    /// The gradient of a depthwise convolution's input: the same with its taps in reverse, of a gradient that has zeros where no output
    /// stands.
    func depthwiseInput(_ weight: Tensor, height: Int, width: Int, stride: Int) -> Tensor {
      let reversed = weight.reshaped([9, shape[3]]).gatheringRows(Array((0..<9).reversed()))
      guard stride > 1 else { return depthwiseConvolution(reversed) }
      let spread = Tensor(repeating: 0, shape: [shape[0], height, width, shape[3]], on: compute)
      spread.place(self, stride: stride, top: 0, left: 0, rows: shape[1], columns: shape[2])
      return spread.depthwiseConvolution(reversed)
    }
  }

  /// The taps that pixels see which lie `offset` after a multiple of the stride, along one direction.
  private struct TapClass {
    /// In the order of the results that they stem from.
    let taps: [Int]
    /// The first of these results, for the class's first pixel.
    let first: Int
    /// Pixels of the class.
    let count: Int

    init(offset: Int, size: Int, kernel: Int, stride: Int, padding: Int) {
      taps = (0..<kernel).reversed().filter { (offset + padding - $0) % stride == 0 }
      first = taps.first.map { (offset + padding - $0) / stride } ?? 0
      count = (size - offset + stride - 1) / stride
    }
  }
#endif
