internal import Imaging
internal import Modeling
internal import Statistics
internal import Tensors

/// The prompts on one image's masks, round after round.
struct PromptSession {
  private let sample: TrainingSample
  /// Side of the model input.
  private let size: Int
  private let objective: Objective
  private var random: SplitMix64
  /// After the first: whether a point is added.
  private let rounds: [Bool]
  /// Mask by mask: XY pixels of the model input and what they stand for. Boxes are two corners; points without a box are followed by
  /// a padding point, so that all masks have as many.
  private var points: [[(x: Float, y: Float, kind: PromptEncoder.PointKind)]] = []
  private var isBox: [Bool] = []
  /// The logits of the mask carried on, masks x size/4 x size/4; nil before the first round.
  private(set) var logits: Tensor?

  init(sample: TrainingSample, size: Int, objective: Objective, random: SplitMix64) {
    self.sample = sample
    self.size = size
    self.objective = objective
    self.random = random
    rounds = objective.prompts.rounds(&self.random)
    for mask in sample.masks { addFirstPrompt(mask) }
  }

  var roundCount: Int { 1 + rounds.count }
  /// Masks, each of which is prompted by itself.
  var count: Int { sample.masks.count }
  /// Points of each mask's prompt, padding included.
  var pointCount: Int { points.first?.count ?? 0 }
  /// XY of all points, mask by mask.
  var coordinates: [Float] { points.flatMap { $0.flatMap { [$0.x, $0.y] } } }
  /// What they stand for.
  var kinds: [PromptEncoder.PointKind] { points.flatMap { $0.map(\.kind) } }
  /// The masks' targets, one after the other.
  var targets: [Float] { sample.masks.flatMap(\.target) }

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
      let pixel = pixel(of: mask)
      points.append([(Float(pixel % size), Float(pixel / size), .foreground), (-0.5, -0.5, .padding)])
    }
  }

  /// A pixel of the model input that lies in a mask.
  private mutating func pixel(of mask: TrainingMask) -> Int {
    let (size, side) = (size, size / 4)
    return Int(
      objective.prompts.place(
        of: mask.pixels,
        in: Self.region(side) { region in
          for (cell, isInside) in mask.target.enumerated() { region[cell] = isInside > 0 ? 1 : 0 }
        }, cell: { Int($0) / size / 4 * side + Int($0) % size / 4 }, &random))
  }

  /// Cells of the low-resolution logits, 1 inside.
  private static func region(_ side: Int, _ fill: (inout [UInt8]) -> Void) -> Mask {
    var cells = [UInt8](repeating: 0, count: side * side)
    fill(&cells)
    return Mask(trusted: cells, width: side, height: side)
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
      let pixel = pixel(of: sample.masks[index])
      (x, y, isForeground) = (pixel % size, pixel / size, true)
    } else {
      let cell = objective.prompts.place(
        of: wrong, in: Self.region(side) { region in for cell in wrong { region[cell] = 1 } }, cell: { $0 },
        &random)
      x = min(cell % side * 4 + random.index(below: 4), sample.width - 1)
      y = min(cell / side * 4 + random.index(below: 4), sample.height - 1)
      isForeground = target[cell] > 0.5
    }
    let kind: PromptEncoder.PointKind = isForeground ? .foreground : .background
    // The padding point stays last.
    points[index].insert(
      (Float(x), Float(y), kind), at: isBox[index] ? points[index].count : points[index].count - 1)
  }

  /// Makes up what a round adds to the prompts.
  mutating func prompt(round: Int) {
    guard round > 0, rounds[round - 1], let logits else { return }
    logits.withUnsafeBuffer { values in
      for index in 0..<count { addErrorPoint(index, values) }
    }
  }

  /// For each mask the predictions that are looked at: several for a single ambiguous prompt, else the first.
  func candidates(round: Int, multimask: Range<Int>) -> [Range<Int>] {
    isBox.map { round == 0 && (!$0 || objective.boxIsAmbiguous) ? multimask : 0..<1 }
  }

  /// Takes in what was answered: of each mask's candidates that of highest predicted IoU goes on, as logits without a gradient.
  ///
  /// - Parameters:
  ///   - logits: masks x candidates x size/4 x size/4.
  ///   - predictions: masks · candidates.
  mutating func carry(_ logits: Tensor, _ predictions: ArraySlice<Float>, _ candidates: [Range<Int>]) {
    let (side, masks) = (size / 4, logits.shape[1])
    let chosen = candidates.enumerated().map { index, range in
      let at = predictions.startIndex + index * masks
      return index * masks
        + (range.max { predictions[at + $0] < predictions[at + $1] } ?? range.lowerBound)
    }
    self.logits = logits.detached().reshaped([count * masks, side * side]).gatheringRows(chosen)
      .reshaped([count, side, side])
  }
}
