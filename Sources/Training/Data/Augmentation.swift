public import Imaging
internal import Modeling
public import Statistics
internal import Tensors

/// How pictures are varied while training.
public struct Augmentation: Sendable, Equatable, Codable {
  /// The probability that a picture is mirrored.
  public var flip = 0.5
  /// What the size is multiplied by, as the logarithm evenly drawn: above 1 a part of the picture is cut out, below 1 it stands in a
  /// corner of the input. Large-scale jitter (arXiv 2012.07177) is 0.1...2.
  public var scale: ClosedRange<Double> = 1...1
  /// The probability that the size is varied at all.
  public var scaleProbability = 1.0
  /// The largest changes of brightness, contrast and saturation, as shares.
  public var brightness = 0.0, contrast = 0.0, saturation = 0.0
  /// Masks that cover more of the picture are left out.
  public var largestMask = 0.9
  /// Masks of fewer pixels of the model input are left out.
  public var smallestMask = 24

  /// Mirrored or not, and nothing else.
  public init() {}

  /// No changes, as for validation.
  public static var none: Augmentation {
    var result = Augmentation()
    result.flip = 0
    return result
  }

  /// Whether pictures always come out alike.
  var keepsPictures: Bool {
    flip == 0 && (scale == 1...1 || scaleProbability == 0) && brightness == 0 && contrast == 0
      && saturation == 0
  }

  /// A picture and some of its masks as a training step takes them; nil where no mask is left.
  ///
  /// - Parameters:
  ///   - image: of any size.
  ///   - masks: of the image's size.
  ///   - size: side of the model input, a multiple of 4.
  ///   - limit: masks at most, drawn from those that are left; nil for the picture alone.
  ///   - random: decides.
  public func sample(
    _ image: Image, _ masks: [RunLengthMask], size: Int, limit: Int?, _ random: inout SplitMix64
  ) -> TrainingSample? {
    let frame = Frame(self, width: image.width, height: image.height, size: size, &random)
    let color = ColorChange(self, &random)
    var kept: [TrainingMask] = []
    let area = frame.outputWidth * frame.outputHeight
    for index in random.shuffled(Array(masks.indices)) where kept.count < limit ?? 0 {
      let mask = frame.mask(masks[index], size: size)
      guard mask.pixels.count >= max(1, smallestMask),
        Double(mask.pixels.count) <= largestMask * Double(area),
        mask.target.contains(1)
      else { continue }
      kept.append(mask)
    }
    guard !kept.isEmpty || limit == nil else { return nil }
    return TrainingSample(
      input: color.applied(to: frame.image(image), size: size), width: frame.outputWidth,
      height: frame.outputHeight, masks: kept)
  }
}

/// Which part of a picture goes where in the model input.
private struct Frame {
  let isMirrored: Bool
  /// In pixels of the picture.
  let left: Int, top: Int, width: Int, height: Int
  /// In pixels of the model input, from its upper left corner.
  let outputWidth: Int, outputHeight: Int

  init(_ settings: Augmentation, width: Int, height: Int, size: Int, _ random: inout SplitMix64) {
    isMirrored = random.unit() < settings.flip
    var factor = 1.0
    if random.unit() < settings.scaleProbability {
      // Sizes are drawn evenly in steps of doubling: as often twice as large as half as large.
      factor = settings.scale.lowerBound
      let ratio = settings.scale.upperBound / settings.scale.lowerBound
      factor *= exponential(ratio, random.unit())
    }
    let scale = Double(size) / Double(max(width, height, 1)) * factor
    outputWidth = min(size, max(1, Int((Double(width) * scale).rounded())))
    outputHeight = min(size, max(1, Int((Double(height) * scale).rounded())))
    self.width = min(width, max(1, Int((Double(outputWidth) / scale).rounded())))
    self.height = min(height, max(1, Int((Double(outputHeight) / scale).rounded())))
    left = random.index(below: width - self.width + 1)
    top = random.index(below: height - self.height + 1)
  }

  func image(_ image: Image) -> Image {
    // The part always lies in the picture.
    let part =
      ((try? image.cropped(to: PixelBox(x: left, y: top, width: width, height: height))) ?? image)
      .resized(width: outputWidth, height: outputHeight)
    guard isMirrored else { return part }
    var mirrored = part
    part.pixels.withUnsafeBufferPointer { from in
      mirrored.pixels.withUnsafeMutableBufferPointer { to in
        for row in 0..<part.height {
          for column in 0..<part.width {
            let (a, b) = ((row * part.width + column) * 3, (row * part.width + part.width - 1 - column) * 3)
            for channel in 0..<3 { to[b + channel] = from[a + channel] }
          }
        }
      }
    }
    return mirrored
  }

  /// A mask in the frame of the model input, by the nearest pixel.
  func mask(_ mask: RunLengthMask, size: Int) -> TrainingMask {
    let columns = (0..<outputWidth).map { column in
      let source = isMirrored ? outputWidth - 1 - column : column
      return left + min(width - 1, (2 * source + 1) * width / (2 * outputWidth))
    }
    let rows = (0..<outputHeight).map { top + min(height - 1, (2 * $0 + 1) * height / (2 * outputHeight)) }
    let bytes = mask.mask
    var pixels: [Int32] = []
    bytes.bits.withUnsafeBufferPointer { inside in
      for (y, row) in rows.enumerated() {
        let line = row * bytes.width
        for (x, column) in columns.enumerated() where inside[line + column] != 0 {
          pixels.append(Int32(y * size + x))
        }
      }
    }
    return TrainingMask(pixels: pixels, size: size)
  }
}

/// ratio to the power of an exponent in 0...1, by squaring roots: the same on every machine.
func exponential(_ ratio: Double, _ exponent: Double) -> Double {
  var (result, root, rest) = (1.0, ratio, exponent)
  for _ in 0..<40 {
    root = root.squareRoot()
    rest *= 2
    if rest >= 1 {
      result *= root
      rest -= 1
    }
  }
  return result
}

/// A change of brightness, contrast and saturation: a linear map of each pixel's colour.
private struct ColorChange {
  private let brightness: Float, contrast: Float, saturation: Float

  init(_ settings: Augmentation, _ random: inout SplitMix64) {
    func factor(_ share: Double) -> Float { Float(random.uniform(1 - share...1 + share)) }
    brightness = factor(settings.brightness)
    contrast = factor(settings.contrast)
    saturation = factor(settings.saturation)
  }

  /// The normalised model input of a picture, changed.
  func applied(to image: Image, size: Int) -> Tensor {
    let (mean, deviation) = (ModelConfiguration.pixelMean, ModelConfiguration.pixelDeviation)
    let (means, scales) = ([mean.0, mean.1, mean.2], [1 / deviation.0, 1 / deviation.1, 1 / deviation.2])
    // c' = b · (k · (s · c + (1 − s) · grey) + (1 − k) · 128)
    let (own, common) = (brightness * contrast * saturation, brightness * contrast * (1 - saturation))
    let offset = brightness * (1 - contrast) * 128
    var tensor = Tensor(repeating: 0, shape: [size, size, 3])
    tensor.withUnsafeMutableBuffer { out in
      image.pixels.withUnsafeBufferPointer { pixels in
        for row in 0..<image.height {
          for column in 0..<image.width {
            let from = (row * image.width + column) * 3
            let (r, g, b) = (Float(pixels[from]), Float(pixels[from + 1]), Float(pixels[from + 2]))
            let grey = (0.299 * r + 0.587 * g + 0.114 * b) * common + offset
            let at = (row * size + column) * 3
            out[at] = (min(max(own * r + grey, 0), 255) - means[0]) * scales[0]
            out[at + 1] = (min(max(own * g + grey, 0), 255) - means[1]) * scales[1]
            out[at + 2] = (min(max(own * b + grey, 0), 255) - means[2]) * scales[2]
          }
        }
      }
    }
    return tensor
  }
}
