import Tensors

extension Oracle {
  /// Channels-last images.
  struct Images {
    var batch: Int, height: Int, width: Int, channels: Int
    var elements: [Float]

    /// A pixel's value; zero outside the image.
    func at(_ item: Int, _ y: Int, _ x: Int, _ channel: Int) -> Double {
      guard y >= 0, y < height, x >= 0, x < width else { return 0 }
      return Double(elements[((item * height + y) * width + x) * channels + channel])
    }
  }

  /// What a convolution applies to its sums.
  struct Epilogue {
    var bias: [Float]?
    var activation: Activation = .identity
    var residual: [Float]?

    func applied(to sum: Approximate, _ row: Int, _ output: Int, of outputs: Int) -> Approximate {
      var y = sum
      if let bias { y = y + .exact(bias[output]) }
      y = y.activated(activation)
      if let residual { y = y + .exact(residual[(row * outputs + output) % residual.count]) }
      return y
    }
  }

  /// Pixels along a side of a convolution's result.
  static func convolved(_ size: Int, kernel: Int, stride: Int, padding: Int) -> Int {
    (size + 2 * padding - kernel) / stride + 1
  }

  /// Some pixels (batch x new height x new width) of a convolution; `weight` is outputs x kernel x kernel x inputs.
  static func convolution(
    _ x: Images, _ weight: [Float], outputs: Int, kernel: (height: Int, width: Int), stride: Int,
    padding: Int,
    _ epilogue: Epilogue, rows: [Int]
  ) -> Expected {
    let height = convolved(x.height, kernel: kernel.height, stride: stride, padding: padding)
    let width = convolved(x.width, kernel: kernel.width, stride: stride, padding: padding)
    let terms = kernel.height * kernel.width * x.channels
    var expected = Expected()
    for row in rows {
      let (item, top, left) = (row / (height * width), row / width % height * stride, row % width * stride)
      for output in 0..<outputs {
        var (sum, magnitude) = (0.0, 0.0)
        for i in 0..<kernel.height {
          for j in 0..<kernel.width {
            for channel in 0..<x.channels {
              let w = weight[((output * kernel.height + i) * kernel.width + j) * x.channels + channel]
              let term = x.at(item, top + i - padding, left + j - padding, channel) * Double(w)
              sum += term
              magnitude += abs(term)
            }
          }
        }
        expected.append(
          epilogue.applied(to: .sum(sum, terms: terms, magnitude: magnitude), row, output, of: outputs))
      }
    }
    return expected
  }

  /// Some pixels of a 3x3 convolution of each channel by itself; `weight` is 9 x channels.
  static func depthwise(_ x: Images, _ weight: [Float], stride: Int, _ epilogue: Epilogue, rows: [Int])
    -> Expected
  {
    let height = convolved(x.height, kernel: 3, stride: stride, padding: 1)
    let width = convolved(x.width, kernel: 3, stride: stride, padding: 1)
    var expected = Expected()
    for row in rows {
      let (item, y, left) = (row / (height * width), row / width % height * stride, row % width * stride)
      for channel in 0..<x.channels {
        var (sum, magnitude) = (0.0, Double(abs(epilogue.bias?[channel] ?? 0)))
        for tap in 0..<9 {
          let term =
            x.at(item, y + tap / 3 - 1, left + tap % 3 - 1, channel)
            * Double(weight[tap * x.channels + channel])
          sum += term
          magnitude += abs(term)
        }
        expected.append(
          epilogue.applied(to: .sum(sum, terms: 9, magnitude: magnitude), row, channel, of: x.channels))
      }
    }
    return expected
  }

  /// Some pixels of a transposed 2x2 convolution of stride 2; `weight` is 2 x 2 x outputs x inputs.
  static func transposed2x2(
    _ x: Images, _ weight: [Float], outputs: Int, _ epilogue: Epilogue, rows: [Int]
  ) -> Expected {
    let (height, width) = (2 * x.height, 2 * x.width)
    var expected = Expected()
    for row in rows {
      let (item, y, column) = (row / (height * width), row / width % height, row % width)
      for output in 0..<outputs {
        var (sum, magnitude) = (0.0, 0.0)
        for channel in 0..<x.channels {
          let w = weight[((y % 2 * 2 + column % 2) * outputs + output) * x.channels + channel]
          let term = x.at(item, y / 2, column / 2, channel) * Double(w)
          sum += term
          magnitude += abs(term)
        }
        expected.append(
          epilogue.applied(to: .sum(sum, terms: x.channels, magnitude: magnitude), row, output, of: outputs))
      }
    }
    return expected
  }
}
