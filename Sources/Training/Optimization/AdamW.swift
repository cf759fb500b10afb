internal import Modeling
public import Tensors

/// Adam with decoupled weight decay (arXiv 1711.05101), gradient clipping, layer-wise rates, and a running average of the weights.
public struct AdamW: Sendable, Equatable, Codable {
  /// How much of the old moments stays.
  public var beta1: Float = 0.9, beta2: Float = 0.999
  /// Added to the root of the second moment.
  public var epsilon: Float = 1e-8
  /// The share of a weight that is taken off in a step, times the rate.
  public var weightDecay: Float = 0.1
  /// Whether biases, norms and embeddings decay too. Usually only matrices and kernels do.
  public var decaysVectors = false
  /// Gradients longer than this, all parameters taken together, are shortened to it; nil for never.
  public var clip: Float?
  /// What the rate of a layer of the image encoder is multiplied by for each layer that lies behind it (arXiv 2106.08254).
  public var layerDecay: Float = 1
  /// How much of the average of the weights stays in each step; 0 for no average but the weights themselves.
  public var averageDecay: Float = 0
  /// How matrices move, where not as all else does.
  public var matrices: Muon?

  /// The paper's settings, without its layer-wise decay.
  public init() {}

  /// Makes a step.
  ///
  /// - Parameters:
  ///   - state: is brought up to date.
  ///   - gradients: by the names of the parameters; those without one stay.
  ///   - rate: the learning rate.
  /// - Returns: the length of the gradient before it was clipped. Where it is not finite, nothing but the count of steps has changed.
  @discardableResult
  public func step(_ state: inout TrainingState, gradients: [String: Tensor], rate: Float) -> Double {
    let names = gradients.keys.sorted()
    let length = names.reduce(0.0) { $0 + (gradients[$1]?.sumOfSquares() ?? 0) }.squareRoot()
    var factor: Float = 1
    if let clip, length > Double(clip) { factor = Float(Double(clip) / length) }
    state.step += 1
    // A step that is not a number would spoil everything; the gradient of one bad batch is passed by.
    guard length.isFinite else { return length }
    let depths = LayerDepths(state.configuration)
    let rates = names.map { rate * depths.factor($0, decay: layerDecay) }
    moveMatrices(&state, gradients: gradients, factor: factor, rates: zip(names, rates))
    for (name, rate) in zip(names, rates) {
      guard let gradient = gradients[name], var parameter = state.parameters[name],
        matrices?.takes(name, parameter) != true
      else { continue }
      // Out of the dictionaries, so that it is written in place.
      state.parameters[name] = nil
      if averageDecay == 0 { state.averages[name] = nil }
      var first = state.firstMoments.removeValue(forKey: name) ?? zeros(like: parameter)
      var second = state.secondMoments.removeValue(forKey: name) ?? zeros(like: parameter)
      parameter.adamStep(
        AdamStep(
          rate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon,
          weightDecay: decays(name, parameter) ? weightDecay : 0, number: state.step, gradientFactor: factor),
        gradient: gradient, first: &first, second: &second)
      state.parameters[name] = parameter
      state.firstMoments[name] = first
      state.secondMoments[name] = second
    }
    average(&state)
    return length
  }

  /// Moves what ``matrices`` takes, side by side and each on one thread: they are small, and many.
  private func moveMatrices(
    _ state: inout TrainingState, gradients: [String: Tensor], factor: Float,
    rates: some Sequence<(String, Float)>
  ) {
    guard let matrices else { return }
    var moves: [Muon.Move] = []
    for (name, rate) in rates {
      guard let gradient = gradients[name], let parameter = state.parameters[name],
        matrices.takes(name, parameter)
      else { continue }
      moves.append(
        Muon.Move(
          name: name, parameter: parameter, gradient: gradient,
          moment: state.firstMoments[name] ?? zeros(like: parameter), rate: rate,
          weightDecay: decays(name, parameter) ? weightDecay : 0))
    }
    for move in matrices.made(moves, factor: factor) {
      state.parameters[move.name] = move.parameter
      state.firstMoments[move.name] = move.moment
    }
  }

  private func decays(_ name: String, _ parameter: Tensor) -> Bool {
    decaysVectors || AdamW.isMatrix(name, parameter)
  }

  private func average(_ state: inout TrainingState) {
    guard averageDecay > 0 else {
      state.averages = state.parameters
      return
    }
    // Early averages forget quickly: they would else hold the random beginning for long.
    let decay = min(averageDecay, Float(1 + state.step) / Float(10 + state.step))
    for (name, parameter) in state.parameters {
      guard var mean = state.averages.removeValue(forKey: name) else {
        state.averages[name] = parameter
        continue
      }
      mean.approach(parameter, by: 1 - decay)
      state.averages[name] = mean
    }
  }

  private func zeros(like tensor: Tensor) -> Tensor {
    Tensor(repeating: 0, shape: tensor.shape, on: tensor.compute)
  }

  /// Whether a parameter is a matrix or a kernel, and neither an embedding nor a table of positions.
  static func isMatrix(_ name: String, _ parameter: Tensor) -> Bool {
    parameter.shape.count > 1 && !name.contains("embed") && !name.contains("rel_pos")
      && !name.contains("_token") && !name.contains("attention_biases")
  }
}

/// How deep in the image encoder a parameter lies.
struct LayerDepths {
  private let layers: Int

  init(_ configuration: ModelConfiguration) {
    switch configuration.encoder {
    case .viT(let sizes): layers = sizes.depth
    case .tinyViT, .hybrid: layers = 4
    }
  }

  /// The rate's factor: 1 behind the encoder's layers, and for each further layer `decay` once more.
  func factor(_ name: String, decay: Float) -> Float {
    guard decay != 1, name.hasPrefix("image_encoder.") else { return 1 }
    let parts = name.split(separator: ".")
    let layer: Int
    switch parts[1] {
    case "patch_embed", "pos_embed", "stem": layer = 0
    case "blocks", "layers": layer = 1 + (parts.count > 2 ? Int(parts[2]) ?? 0 : 0)
    case "stage4": layer = 1
    case "stage8": layer = 2
    case "stage16": layer = 3
    case "stage32": layer = 4
    default: return 1
    }
    return (0..<max(0, layers + 1 - layer)).reduce(1) { factor, _ in factor * decay }
  }
}
