public import Modeling
public import Statistics
internal import Tensors

/// Pre-training of the image encoder on pictures without masks: most of a picture is hidden, and its pixels are to be told from the rest
/// (He et al., arXiv 2111.06377).
public struct MaskedAutoencoding: Sendable, Equatable {
  /// The share of patches that are hidden.
  public var hidden = 0.75
  /// The decoder, which is thrown away afterwards.
  public var decoder = PixelDecoder.Sizes()

  /// Three quarters hidden.
  public init() {}

  /// A model of the encoder and the decoder.
  func modules(
    _ parameters: Parameters, _ configuration: ModelConfiguration
  ) throws(ModelError) -> (encoder: ImageEncoder, decoder: PixelDecoder) {
    let encoder = try ImageEncoder(parameters["image_encoder"], configuration)
    let inputs: Int
    if case .viT(let sizes) = configuration.encoder {
      inputs = sizes.width
    } else {
      inputs = configuration.decoder.width
    }
    let decoder = try PixelDecoder(
      parameters["pretraining"], self.decoder, inputs: inputs, grid: configuration.embeddingSize,
      pixels: 3 * configuration.stride * configuration.stride)
    return (encoder, decoder)
  }

  /// Runs a batch forward and back.
  ///
  /// - Parameters:
  ///   - parameters: variables of `tape`.
  ///   - configuration: the model's sizes.
  ///   - samples: pictures of one size.
  ///   - weight: what each picture's loss counts.
  ///   - random: of each picture: decides what is hidden.
  ///   - tape: gets the gradients.
  /// - Returns: the loss: the mean squared error of hidden pixels, each patch's brought to mean 0 and deviation 1.
  func run(
    _ parameters: Parameters, _ configuration: ModelConfiguration, _ samples: [TrainingSample],
    weight: Double,
    random: [SplitMix64], on tape: Tape
  ) throws(ModelError) -> Objective.Outcome {
    let (encoder, decoder) = try modules(parameters, configuration)
    let size = configuration.imageSize
    let images = Tensor.concatenating(samples.map { $0.input.reshaped([1, size, size, 3]) })
    let patch = ImageEncoder.maskedPatch(configuration)
    let side = size / patch
    let seen = random.map { stream in
      var stream = stream
      return Array(stream.shuffled(Array(0..<side * side)).prefix(visibleCount(of: side * side)).sorted())
    }
    let tokens = try encoder.encodingMasked(images, visible: seen)
    let predicted = decoder(tokens, visible: seen)

    let stride = configuration.stride
    let grid = size / stride
    let pixels = 3 * stride * stride
    let targets = images.normalizedPatches(stride)
    var gradient = [Float](repeating: 0, count: predicted.count)
    var loss = 0.0
    predicted.withUnsafeBuffer { predicted in
      for item in samples.indices {
        let isSeen = Set(seen[item])
        let hidden = (0..<grid * grid).filter { position in
          let (y, x) = (position / grid * stride / patch, position % grid * stride / patch)
          return !isSeen.contains(y * side + x)
        }
        let share = weight / Double(max(1, hidden.count) * pixels)
        for position in hidden {
          let at = (item * grid * grid + position) * pixels
          for index in at..<at + pixels {
            let error = predicted[index] - targets[index]
            loss += Double(error * error) * share
            gradient[index] = 2 * error * Float(share)
          }
        }
      }
    }
    tape.backward(from: [(predicted, Tensor(gradient, shape: predicted.shape, on: predicted.compute))])
    var outcome = Objective.Outcome()
    outcome.loss = loss
    // There are no masks.
    (outcome.firstIoU, outcome.lastIoU) = (.nan, .nan)
    return outcome
  }

  private func visibleCount(of patches: Int) -> Int {
    max(1, min(patches - 1, Int((Double(patches) * (1 - hidden)).rounded())))
  }
}

extension Tensor {
  /// Pixels of patches, batch x positions x (patch · patch · 3), each patch brought to mean 0 and deviation 1.
  fileprivate func normalizedPatches(_ patch: Int) -> [Float] {
    let (batch, height, width) = (shape[0], shape[1], shape[2])
    var result: [Float] = []
    result.reserveCapacity(count)
    withUnsafeBuffer { x in
      for item in 0..<batch {
        for top in stride(from: 0, to: height, by: patch) {
          for left in stride(from: 0, to: width, by: patch) {
            let begin = result.count
            var sum: Float = 0, squares: Float = 0
            for row in top..<top + patch {
              let at = ((item * height + row) * width + left) * 3
              for index in at..<at + patch * 3 {
                result.append(x[index])
                sum += x[index]
              }
            }
            let mean = sum / Float(result.count - begin)
            for index in begin..<result.count { squares += (result[index] - mean) * (result[index] - mean) }
            let factor = 1 / (squares / Float(result.count - begin) + 1e-6).squareRoot()
            for index in begin..<result.count { result[index] = (result[index] - mean) * factor }
          }
        }
      }
    }
    return result
  }
}
