internal import Modeling
internal import SegmentAnything
internal import Tensors
internal import Training

/// `train`: losses, the gradient of every parameter, and one step of the optimiser, on the model of the folder's `model` part.
enum TrainPart {
  static func steps(_ context: PartContext) throws(VerificationError) -> [PartStep] {
    [PartStep { (recorder) throws(VerificationError) in try TrainCheck(context, recorder).run() }]
  }
}

/// Two prompts' losses on one image: `a`, single points with three masks each, and `b`, everything at once with one mask.
private struct TrainCheck {
  let folder: ReferenceFolder
  let tolerances: Tolerances
  let recorder: Recorder
  let model: RecognizedModel
  let inputs: ReferenceTensors
  let losses: ReferenceValue
  private let loss = MaskLoss()

  init(_ context: PartContext, _ recorder: Recorder) throws(VerificationError) {
    folder = context.folder
    tolerances = context.tolerances
    self.recorder = recorder
    model = try ModelPart.anyRecognized(context.root.folder("model"))
    inputs = try folder.tensors("inputs.safetensors")
    losses = try folder.json("losses.json")
  }

  func run() throws(VerificationError) {
    let tape = Tape()
    var variables = model.parameters
    for name in variables.keys where TrainingState.isTrained(name) {
      variables[name] = variables[name].map { tape.variable($0.inFloats()) }
    }
    let pass = try pass(variables, tape)
    let total = pass.a.total + pass.b.total
    let limit = try tolerances.limit("train.losses")
    for (name, value) in [("loss_total", total), ("loss_a", pass.a.total), ("loss_b", pass.b.total)] {
      try recorder.compare(name, [Float(value)], with: losses[optional: name], limit)
    }
    for (part, result) in [("a", pass.a), ("b", pass.b)] {
      try compareValues(result, part, limit)
    }

    // The embedding's own gradient first: it is where the encoder's begins.
    tape.backward(from: pass.gradients, to: pass.encoded)
    if let gradient = tape.gradient(of: pass.embedding),
      let reference = inputs[optional: "grad_image_embedding"]
    {
      compareGradient("grad_image_embedding", Layout.channelsFirst.arrange(gradient), reference)
    }
    tape.backward(from: [])
    let references = try folder.tensors("grads.safetensors")
    var gradients: [String: Tensor] = [:]
    for name in references.names {
      guard let reference = references[optional: name] else { continue }
      guard let variable = variables[name], let gradient = tape.gradient(of: variable) else {
        recorder.fail("gradient of \(name)", "\(references.path): this build has none")
        continue
      }
      gradients[name] = gradient
      compareGradient("gradient of \(name)", gradient, reference)
    }
    try compareStep(gradients, references)
  }

  private struct Pass {
    var a: MaskLoss.Result, b: MaskLoss.Result
    var gradients: [(of: Tensor, gradient: Tensor)]
    var embedding: Tensor
    /// The tape's end after the encoder.
    var encoded: Tape.Mark
  }

  /// Both parts' losses by a model of the given parameters.
  private func pass(_ parameters: [String: Tensor], _ tape: Tape) throws(VerificationError) -> Pass {
    let size = model.configuration.imageSize
    let image = try inputs.tensor("input").tensor([1, 3, size, size]).permuted([0, 2, 3, 1])
    let trained: TrainedModel
    let encoded: ImageEncoder.Output
    do throws(ModelError) {
      trained = try TrainedModel(
        Parameters(parameters, on: .shared, training: TrainingMode()), model.configuration)
      encoded = try trained.imageEncoder(image)
    } catch {
      throw .model(.model(path: model.path, error))
    }
    let grid = model.configuration.embeddingSize
    let side = model.configuration.lowResolutionSize
    let features = trained.maskDecoder.imageFeatures(
      encoded, positions: trained.promptEncoder.densePositions(grid))
    let mark = tape.mark

    let prompts = try inputs.tensor("point_coords_a").shape[0]
    let points = try inputs.tensor("point_coords_a").tensor([prompts, 1, 2])
    let padding = Tensor(repeating: -0.5, shape: [prompts, 1, 2])
    let first = trained.promptEncoder(
      coordinates: points.appendingTokens(padding),
      kinds: (0..<prompts).flatMap { _ in [PromptEncoder.PointKind.foreground, .padding] }, masks: nil)
    let outputA = trained.maskDecoder(features, prompts: first, masks: trained.maskDecoder.multimaskRange)
    let resultA = loss.evaluate(
      logits: outputA.logits, predictions: outputA.iouPredictions,
      targets: try inputs.tensor("gt_a").tensor([prompts, side, side]),
      candidates: [Range<Int>](repeating: 0..<outputA.logits.shape[1], count: prompts),
      weight: 1 / Float(prompts))

    let corners = try inputs.tensor("box_b").tensor([1, 4]).reshaped([1, 2, 2])
    let clicks = try inputs.tensor("point_coords_b").tensor([1, 2, 2])
    let labels = try inputs.tensor("point_labels_b").floats()
    let second = trained.promptEncoder(
      coordinates: clicks.appendingTokens(corners),
      kinds: labels.map { $0 > 0 ? .foreground : .background } + [.topLeft, .bottomRight],
      masks: try inputs.tensor("mask_input_b").tensor([1, 1, side, side]).reshaped([1, side, side]))
    let outputB = trained.maskDecoder(features, prompts: second, masks: 0..<1)
    let resultB = loss.evaluate(
      logits: outputB.logits, predictions: outputB.iouPredictions,
      targets: try inputs.tensor("gt_b").tensor([1, side, side]), candidates: [0..<1], weight: 1)
    return Pass(
      a: resultA, b: resultB,
      gradients: [
        (outputA.logits, resultA.logitGradient), (outputA.iouPredictions, resultA.iouGradient),
        (outputB.logits, resultB.logitGradient), (outputB.iouPredictions, resultB.iouGradient),
      ], embedding: encoded.embedding, encoded: mark)
  }

  /// Mask by mask: each term of the loss.
  private func compareValues(
    _ result: MaskLoss.Result, _ part: String, _ limit: Limit
  ) throws(VerificationError) {
    guard let listed = losses[optional: part] else { return }
    let values = result.values.flatMap { $0 }
    let terms: [(String, (MaskLoss.Value) -> Float)] = [
      ("focal", \.focal), ("dice", \.dice), ("mask_loss", \.mask), ("true_iou", \.trueIoU),
      ("iou_pred", \.predictedIoU),
    ]
    for (name, term) in terms {
      try recorder.compare("\(part).\(name)", values.map(term), with: listed[optional: name], limit)
    }
    try recorder.compare(
      "\(part).best_index", result.best.map(Float.init), with: listed[optional: "best_index"], .exact)
  }

  /// The limit grows with the gradient's largest number.
  private func compareGradient(_ name: String, _ gradient: Tensor, _ reference: ReferenceTensor) {
    recorder.attempt(name) { () throws(VerificationError) in
      let largest = reference.floats().reduce(0) { max($0, abs($1)) }
      let limits = tolerances.root[optional: "train"]?[optional: "gradients"]
      let share = try limits?[optional: "abs_over_largest"]?.number() ?? 1e-3
      let bound = share * Double(largest) + (try limits?[optional: "plus_abs"]?.number() ?? 1e-6)
      recorder.record(
        name, try reference.difference(from: gradient), .bounds(absolute: bound, relative: nil))
    }
  }

  /// One step from fresh moments. Where a gradient is rounding noise, its sign decides, and nothing is compared.
  private func compareStep(
    _ gradients: [String: Tensor], _ references: ReferenceTensors
  ) throws(VerificationError) {
    let expected = try folder.tensors("params_after_adamw_step.safetensors")
    let settings = try losses.member("adamw")
    let betas = try settings.member("betas").numbers(2)
    var optimizer = AdamW()
    (optimizer.beta1, optimizer.beta2) = (Float(betas[0]), Float(betas[1]))
    optimizer.epsilon = Float(try settings.member("eps").number())
    optimizer.weightDecay = Float(try settings.member("weight_decay").number())
    optimizer.decaysVectors = true
    var state = TrainingState(model.parameters.mapValues { $0.inFloats() }, model.configuration)
    optimizer.step(&state, gradients: gradients, rate: Float(try settings.member("lr").number()))
    let limits = tolerances.root[optional: "train"]?[optional: "adamw"]
    let bound = try limits?[optional: "abs"]?.number() ?? 2e-6
    let least = Float(try limits?[optional: "only_where_gradient_above"]?.number() ?? 1e-5)
    for name in expected.names {
      guard let reference = expected[optional: name], let own = state.parameters[name],
        let gradient = references[optional: name]?.floats()
      else { continue }
      let values = reference.floats()
      guard values.count == own.count, gradient.count == own.count else {
        throw reference.mismatch(own.shape)
      }
      var largest = 0.0
      for (index, value) in own.elements.enumerated() where abs(gradient[index]) > least {
        largest = Difference.worse(largest, abs(Double(value) - Double(values[index])))
      }
      recorder.record(
        "\(name) after a step", Difference(largest: largest), .bounds(absolute: bound, relative: nil))
    }
    try recorder.compare(
      "loss_a_after_step", [Float(try pass(state.parameters, Tape()).a.total)],
      with: losses[optional: "loss_a_after_step"], try tolerances.limit("train.losses"))
  }
}
