internal import Modeling
internal import Statistics
internal import Tensors

/// All rounds of prompts on the images of a batch. Images that are in the same round are decoded together as far as their prompts have as
/// many points, and as memory allows.
struct PromptRounds {
  private let objective: Objective
  private let model: TrainedModel
  /// Of all images.
  private let features: MaskDecoder.ImageFeatures
  private var sessions: [PromptSession] = []
  /// Of each session its image, what it counts in means, and how much more its loss does.
  private var images: [Int] = [], weights: [Double] = [], emphases: [Double] = []
  private var outcome = Objective.Outcome()

  private let positionLimit: Int, leastPrompts: Int

  /// - Parameters:
  ///   - features: of all images.
  ///   - positionLimit: positions of image embeddings, prompt by prompt, that are decoded together at most: more would leave the cache, and
  ///     fewer would make small matrices.
  ///   - leastPrompts: prompts on an image that are decoded together however many positions it has.
  init(
    objective: Objective, model: TrainedModel, features: MaskDecoder.ImageFeatures,
    positionLimit: Int = 1 << 13, leastPrompts: Int = 8
  ) {
    self.objective = objective
    self.model = model
    self.features = features
    self.positionLimit = positionLimit
    self.leastPrompts = leastPrompts
  }

  /// Adds the next image, of whose masks so many make a session as are decoded together: memory does not depend on how many there are.
  mutating func add(_ sample: TrainingSample, weight: Double, random: SplitMix64) {
    var random = random
    let image = (images.last ?? -1) + 1
    let limit = max(leastPrompts, positionLimit / max(1, features.positions.shape[0]))
    let emphasis = exponential(Double(sample.masks.count), objective.maskEmphasis)
    for first in stride(from: 0, to: sample.masks.count, by: limit) {
      var part = sample
      part.masks = Array(sample.masks[first..<min(sample.masks.count, first + limit)])
      sessions.append(
        PromptSession(
          sample: part, size: model.configuration.imageSize, objective: objective,
          random: first == 0 ? random : SplitMix64(seed: random.next())))
      images.append(image)
      weights.append(weight * Double(part.masks.count) / Double(sample.masks.count))
      emphases.append(emphasis)
    }
  }

  /// Runs all rounds.
  ///
  /// - Parameter carryBack: gets the gradients of each decoding, before the next.
  mutating func run(_ carryBack: ([(of: Tensor, gradient: Tensor)]) -> Void) -> Objective.Outcome {
    outcome = Objective.Outcome()
    for round in 0..<(sessions.map(\.roundCount).max() ?? 0) {
      let active = sessions.indices.filter { round < sessions[$0].roundCount }
      for index in active { sessions[index].prompt(round: round) }
      for group in groups(active) { carryBack(decode(group, round: round)) }
    }
    return outcome
  }

  /// Sessions whose prompts are decoded together, no two of one image.
  private func groups(_ active: [Int]) -> [[Int]] {
    let positions = features.positions.shape[0]
    var groups: [[Int]] = []
    for points in Set(active.map { sessions[$0].pointCount }).sorted() {
      var filled = Int.max
      for index in active where sessions[index].pointCount == points {
        let size = sessions[index].count * positions
        let isOfSameImage = groups.last?.last.map { images[$0] == images[index] } ?? false
        if filled > positionLimit - size || isOfSameImage {
          groups.append([])
          filled = 0
        }
        groups[groups.count - 1].append(index)
        filled += size
      }
    }
    return groups
  }

  /// Decodes a round's prompts of some sessions, and brings these up to date.
  private mutating func decode(_ group: [Int], round: Int) -> [(of: Tensor, gradient: Tensor)] {
    let compute = features.embedding.compute
    let counts = group.map { sessions[$0].count }
    let total = counts.reduce(0, +)
    let side = model.configuration.imageSize / 4
    let prompts = model.promptEncoder(
      coordinates: Tensor(
        group.flatMap { sessions[$0].coordinates }, shape: [total, sessions[group[0]].pointCount, 2],
        on: compute),
      kinds: group.flatMap { sessions[$0].kinds },
      masks: round > 0 ? Tensor.concatenating(group.compactMap { sessions[$0].logits }) : nil)
    let multimask = model.maskDecoder.multimaskRange
    let output = model.maskDecoder(
      features.images(group.map { images[$0] }), prompts: prompts, counts: counts,
      masks: round == 0 ? 0..<multimask.upperBound : 0..<1)
    let candidates = group.map { sessions[$0].candidates(round: round, multimask: multimask) }
    let shares = group.map {
      emphases[$0] * weights[$0] / Double(sessions[$0].count * sessions[$0].roundCount)
    }
    let result = objective.loss.evaluate(
      logits: output.logits, predictions: output.iouPredictions,
      targets: Tensor(group.flatMap { sessions[$0].targets }, shape: [total, side, side], on: compute),
      candidates: candidates.flatMap { $0 },
      weights: zip(counts, shares).flatMap { repeatElement(Float($1), count: $0) })
    outcome.loss += result.total

    let predictions = output.iouPredictions.elements
    let masks = output.logits.shape[1]
    var first = 0
    for (place, index) in group.enumerated() {
      let range = first..<first + counts[place]
      first = range.upperBound
      note(result, range, of: index, round: round)
      sessions[index].carry(
        output.logits.detached()[outermost: range],
        predictions[range.lowerBound * masks..<range.upperBound * masks],
        candidates[place])
    }
    return [(output.logits, result.logitGradient), (output.iouPredictions, result.iouGradient)]
  }

  /// Takes in how well a session's masks were answered.
  private mutating func note(_ result: MaskLoss.Result, _ range: Range<Int>, of index: Int, round: Int) {
    let (count, rounds) = (Double(range.count), sessions[index].roundCount)
    var iou = 0.0
    for (values, best) in zip(result.values[range], result.best[range]) {
      iou += Double(values[best].trueIoU) / count
      outcome.iouError += values.reduce(0) {
        let error = Double($1.predictedIoU - $1.trueIoU)
        return $0 + error * error / (Double(values.count) * count) * weights[index] / Double(rounds)
      }
    }
    if round == 0 { outcome.firstIoU += iou * weights[index] }
    if round == rounds - 1 { outcome.lastIoU += iou * weights[index] }
  }
}

extension MaskDecoder.ImageFeatures {
  /// Some images of a batch, in order.
  fileprivate func images(_ indices: [Int]) -> MaskDecoder.ImageFeatures {
    guard indices.count < embedding.shape[0] else { return self }
    func gathered(_ x: Tensor) -> Tensor {
      let items = x.shape[0]
      var shape = x.shape
      shape[0] = indices.count
      // What lies together is not copied.
      if let first = indices.first, let last = indices.last, last - first + 1 == indices.count {
        return x[outermost: first..<last + 1]
      }
      return x.reshaped([items, x.count / max(1, items)]).gatheringRows(indices).reshaped(shape)
    }
    return MaskDecoder.ImageFeatures(
      embedding: gathered(embedding), positions: positions,
      highResolution: highResolution.map { (gathered($0.s0), gathered($0.s1)) })
  }
}
