import TestSupport
import Testing

@testable import Tensors

@Suite("Interpolation")
struct InterpolationTests {
  /// Six roundings of numbers no larger than the largest pixel.
  private static let tolerance = 6 * Approximate.rounding

  @Test(arguments: [
    ((4, 4), (8, 8)), ((5, 3), (7, 11)), ((16, 16), (4, 4)), ((33, 17), (10, 40)), ((1, 1), (3, 5)),
    ((1, 6), (1, 3)),
    ((64, 64), (256, 256)), ((2, 2), (1, 1)), ((27, 27), (127, 13)), ((9, 9), (9, 9)),
  ])
  func planesEqualThePyTorchFormula(size: (Int, Int), to new: (Int, Int)) {
    let x = Tensor.random([2, 3, size.0, size.1], seed: 140)
    let result = onAnyThreads { x.on($0).interpolatedPlanes(height: new.0, width: new.1) }
    #expect(result.shape == [2, 3, new.0, new.1])
    compare(result, with: x, height: size.0, width: size.1)
  }

  @Test func whatLiesOutsideTheSourceIsCutOffFirst() {
    let x = Tensor.random([3, 12, 10], seed: 141)
    for (height, width, newHeight, newWidth) in [
      (7, 10, 20, 20), (12, 3, 5, 9), (1, 1, 4, 4), (11, 9, 11, 9),
    ] {
      let result = onAnyThreads {
        x.on($0).interpolatedPlanes(
          height: newHeight, width: newWidth, sourceHeight: height, sourceWidth: width)
      }
      compare(result, with: x, height: height, width: width)
    }
  }

  private func compare(_ result: Tensor, with x: Tensor, height: Int, width: Int) {
    let (fullHeight, fullWidth) = (x.shape[x.shape.count - 2], x.shape[x.shape.count - 1])
    let (newHeight, newWidth) = (result.shape[x.shape.count - 2], result.shape[x.shape.count - 1])
    let planes = x.count / (fullHeight * fullWidth)
    var expected = Expected()
    for plane in 0..<planes {
      let values = x.elements[plane * fullHeight * fullWidth..<(plane + 1) * fullHeight * fullWidth].map(
        Double.init)
      let wanted = Oracle.Plane(height: fullHeight, width: fullWidth, values: values).cropped(height, width)
        .interpolated(newHeight, newWidth)
      for value in wanted.values {
        expected.append(Approximate(value: value, tolerance: InterpolationTests.tolerance))
      }
    }
    expect(result.elements, expected)
  }

  @Test(arguments: [
    (1, 1), (1, 7), (4, 9), (64, 256), (256, 1024), (1024, 1799), (1024, 333), (683, 1024), (5, 2),
  ])
  func samplesLieWhereTheCentresDo(source: Int, count: Int) {
    let sampling = LinearSampling(from: source, to: count)
    for index in 0..<count {
      // Whole numbers as far as possible: (2 · index + 1) · source / (2 · count) − 1/2.
      let exact = max(0, Double((2 * index + 1) * source) / Double(2 * count) - 0.5)
      let (low, high) = (sampling.low[index], sampling.high[index])
      #expect(low >= 0 && low < source && high == min(low + 1, source - 1))
      #expect(
        abs(Double(low) + Double(sampling.fraction[index]) - exact) <= 3 * Double(source)
          * Approximate.rounding)
      #expect(sampling.fraction[index] >= 0 && sampling.fraction[index] < 1)
    }
  }

  @Test(arguments: [(1, 1, 1, 1), (2, 3, 5, 7), (1, 12, 12, 128)])
  func pixelsAreDoubled(batch: Int, height: Int, width: Int, channels: Int) {
    let x = Tensor.random([batch, height, width, channels], seed: 142)
    let result = onAnyThreads { x.on($0).doubledNearest() }
    #expect(result.shape == [batch, 2 * height, 2 * width, channels])
    let elements = x.elements
    var expected = [Float]()
    for item in 0..<batch {
      for row in 0..<2 * height {
        for column in 0..<2 * width {
          let first = ((item * height + row / 2) * width + column / 2) * channels
          expected += elements[first..<first + channels]
        }
      }
    }
    #expect(result.elements == expected)
  }
}

@Suite("Masks at the original size")
struct MaskUpsamplingTests {
  /// Low-resolution side, model input side, original width and height.
  private static let sizes = [
    (16, 64, 64, 64), (16, 64, 200, 133), (16, 64, 31, 97), (16, 64, 640, 3), (16, 64, 1, 1),
    (16, 64, 20, 15),
    (96, 384, 500, 333), (7, 28, 55, 91), (256, 1024, 801, 1201), (256, 1024, 300, 199),
  ]

  @Test(arguments: sizes)
  func logitsEqualTwoInterpolationsWithACutBetween(low: Int, side: Int, width: Int, height: Int) {
    let longest = Double(max(width, height))
    let (inputWidth, inputHeight) = (
      max(1, Int((Double(width * side) / longest).rounded())),
      max(1, Int((Double(height * side) / longest).rounded()))
    )
    let upsampling = MaskUpsampling(
      lowResolutionSize: low, imageSize: side, inputWidth: inputWidth, inputHeight: inputHeight, width: width,
      height: height)
    let count = low > 100 ? 1 : 3
    let x = Tensor.random([count, low, low], seed: 143, scale: 10)
    let result = onAnyThreads { upsampling.logits(x.on($0)) }
    #expect(result.shape == [count, height, width])
    var expected = Expected()
    for mask in 0..<count {
      let plane = Oracle.Plane(height: low, width: low, values: x[outermost: mask].elements.map(Double.init))
      let wanted = plane.interpolated(side, side).cropped(inputHeight, inputWidth).interpolated(height, width)
      // Twelve roundings of numbers up to 10.
      for value in wanted.values {
        expected.append(Approximate(value: value, tolerance: 120 * Approximate.rounding))
      }
    }
    expect(result.elements, expected, "\(width)x\(height)")

    for threshold in [Float(0), -1.5] {
      let masks = threadCounts.map { upsampling.masks(x.on(Compute(threads: $0)), threshold: threshold) }
      let logits = result.elements
      for mask in 0..<count {
        #expect(
          masks[0][mask]
            == logits[mask * width * height..<(mask + 1) * width * height].map { $0 > threshold ? 1 : 0 })
      }
      #expect(masks.allSatisfy { $0 == masks[0] })
    }
  }

  @Test func noLogitsGiveNoMasks() {
    let upsampling = MaskUpsampling(
      lowResolutionSize: 4, imageSize: 16, inputWidth: 16, inputHeight: 8, width: 32, height: 16)
    #expect(upsampling.masks(Tensor([], shape: [0, 4, 4])).isEmpty)
    #expect(upsampling.logits(Tensor([], shape: [0, 4, 4])).shape == [0, 16, 32])
  }
}
