internal import Modeling
internal import Statistics
internal import Tensors

/// The rounds of prompts on one image's masks, which are decoded together.
struct PromptSession {
  let sample: TrainingSample
  /// Side of the model input.
  let size: Int
  let objective: Objective
  private var random: SplitMix64
  /// After the first: whether a point is added.
  private let rounds: [Bool]
  /// Mask by mask: XY pixels of the model input and what they stand for. Boxes are two corners; points without a box are followed by
  /// a padding point, so that all masks have as many.
  private var points: [[(x: Float, y: Float, kind: PromptEncoder.PointKind)]] = []
  private var isBox: [Bool] = []
  /// The logits of the mask carried on, masks x size/4 x size/4.
  private var logits: Tensor?
  private let targets: Tensor

  init(sample: TrainingSample, size: Int, objective: Objective, random: SplitMix64) {
    self.sample = sample
    self.size = size
    self.objective = objective
    self.random = random
    rounds = objective.prompts.rounds(&self.random)
    let side = size / 4
    targets = Tensor(
      sample.masks.flatMap(\.target), shape: [sample.masks.count, side, side], on: sample.input.compute)
    for mask in sample.masks { addFirstPrompt(mask) }
  }

  var roundCount: Int { 1 + rounds.count }

  private mutating func addFirstPrompt(_ mask: TrainingMask) {
    let wantsBox = random.unit() < objective.prompts.boxProbability
    isBox.append(wantsBox)
    if wantsBox {
      let box = objective.prompts.noisyBox(
        mask.box(size: size), width: Double(sample.width), height: Double(sample.height), &random)
      points.append([
        (Float(box.0), Float(box.1), .topLeft), (Float(box.2), Float(box.3), .bottomRight),
      ])
    } else {
      let pixel = Int(mask.pixels[random.index(below: mask.pixels.count)])
      points.append([(Float(pixel % size), Float(pixel / size), .foreground), (-0.5, -0.5, .padding)])
    }
  }

  /// A point from where the carried mask is wrong: foreground where it lacks something, background where it has too much.
  private mutating func addErrorPoint(_ index: Int, _ logits: UnsafeBufferPointer<Float>) {
    let side = size / 4
    let target = sample.masks[index].target
    // Cells beyond the picture are nobody's error.
    let (columns, lines) = ((sample.width + 3) / 4, (sample.height + 3) / 4)
    var wrong: [Int] = []
    for y in 0..<min(lines, side) {
      for x in 0..<min(columns, side) {
        let cell = y * side + x
        if (logits[index * side * side + cell] > 0) != (target[cell] > 0.5) { wrong.append(cell) }
      }
    }
    let isForeground: Bool
    let (x, y): (Int, Int)
    if wrong.isEmpty {
      // Nothing to correct: another point of the object.
      let pixel = Int(sample.masks[index].pixels[random.index(below: sample.masks[index].pixels.count)])
      (x, y, isForeground) = (pixel % size, pixel / size, true)
    } else {
      let cell = wrong[random.index(below: wrong.count)]
      x = min(cell % side * 4 + random.index(below: 4), sample.width - 1)
      y = min(cell / side * 4 + random.index(below: 4), sample.height - 1)
      isForeground = target[cell] > 0.5
    }
    let kind: PromptEncoder.PointKind = isForeground ? .foreground : .background
    // The padding point stays last.
    points[index].insert(
      (Float(x), Float(y), kind), at: isBox[index] ? points[index].count : points[index].count - 1)
  }

  struct Round {
    var loss: Double
    var iouError: Double
    /// Over masks: the IoU of the mask learned from.
    var meanIoU: Double
    var gradients: [(of: Tensor, gradient: Tensor)]
  }

  /// Decodes all masks for the prompts of a round, which are made first where it is not the first.
  mutating func decode(
    _ model: TrainedModel, _ features: MaskDecoder.ImageFeatures, round: Int, weight: Float
  ) -> Round {
    let count = sample.masks.count
    if round > 0, rounds[round - 1], let logits {
      logits.withUnsafeBuffer { values in
        for index in 0..<count { addErrorPoint(index, values) }
      }
    }
    let coordinates = Tensor(
      points.flatMap { $0.flatMap { [$0.x, $0.y] } }, shape: [count, points[0].count, 2],
      on: sample.input.compute)
    let prompts = model.promptEncoder(
      coordinates: coordinates, kinds: points.flatMap { $0.map(\.kind) }, masks: round > 0 ? logits : nil)
    let all = 0..<model.maskDecoder.multimaskRange.upperBound
    let output = model.maskDecoder(features, prompts: prompts, masks: round == 0 ? all : 0..<1)
    let candidates = (0..<count).map { index in
      round == 0 && (!isBox[index] || objective.boxIsAmbiguous) ? model.maskDecoder.multimaskRange : 0..<1
    }
    let result = objective.loss.evaluate(
      logits: output.logits, predictions: output.iouPredictions, targets: targets, candidates: candidates,
      weight: weight)
    carry(output, candidates)
    var round = Round(
      loss: result.total, iouError: 0, meanIoU: 0,
      gradients: [(output.logits, result.logitGradient), (output.iouPredictions, result.iouGradient)])
    for (values, best) in zip(result.values, result.best) {
      round.meanIoU += Double(values[best].trueIoU) / Double(count)
      round.iouError += values.reduce(0) {
        let error = Double($1.predictedIoU - $1.trueIoU)
        return $0 + error * error / Double(values.count * count)
      }
    }
    return round
  }

  /// The mask of highest predicted IoU goes on, as logits without a gradient.
  private mutating func carry(_ output: MaskDecoder.Output, _ candidates: [Range<Int>]) {
    let side = size / 4
    let masks = output.logits.shape[1]
    let predicted = output.iouPredictions.elements
    let planes = output.logits.detached().reshaped([output.logits.shape[0] * masks, side * side])
    let chosen = candidates.enumerated().map { index, range in
      index * masks
        + (range.max { predicted[index * masks + $0] < predicted[index * masks + $1] } ?? range.lowerBound)
    }
    logits = planes.gatheringRows(chosen).reshaped([candidates.count, side, side])
  }
}
