public import Imaging
public import SegmentAnything
internal import Synchronization

/// Measures what a model makes of points and boxes, by the paper's procedure (section 7.1, appendix D.1).
///
/// The first click is given; each further one is ``SimulatedClick/correcting(_:towards:)`` the current mask. The first
/// answer's current mask is the candidate with the highest predicted IoU; later ones are the model's mask for
/// unambiguous prompts, mask 0. The prompt of an answer is all clicks so far and the logits of the current mask. The
/// box, alone, is answered with mask 0. Where nothing is left to correct, the mask stays.
public struct PointEvaluator: Sendable {
  /// The model that is measured.
  public let model: SAM
  /// Points given to a mask in all, at least 1.
  public let pointCount: Int
  /// Points given in addition to a mask's box, after the box alone.
  public let boxPointCount: Int
  /// Whether boundary IoU is measured, too.
  public let measuresBoundaries: Bool

  /// An evaluator of a model.
  public init(_ model: SAM, pointCount: Int = 9, boxPointCount: Int = 0, measuresBoundaries: Bool = false) {
    self.model = model
    self.pointCount = max(1, pointCount)
    self.boxPointCount = max(0, boxPointCount)
    self.measuresBoundaries = measuresBoundaries
  }

  /// A mask to be found in an image.
  public struct Task: Sendable {
    /// The image, embedded by the model that is measured.
    public let embedding: ImageEmbedding
    /// The mask; of the image's size and not empty.
    public let truth: BitMask
    /// The first click.
    public let first: SimulatedClick

    /// A mask with its first click; nil for an empty one.
    ///
    /// - Parameter first: the innermost pixel where nil.
    public init?(_ truth: BitMask, in embedding: ImageEmbedding, first: SimulatedClick? = nil) {
      guard let first = first ?? SimulatedClick.first(on: truth) else { return nil }
      (self.embedding, self.truth, self.first) = (embedding, truth, first)
    }
  }

  /// Results of masks, of one image or several, side by side on the model's threads.
  ///
  /// - Throws: ``SAMError`` where the model refuses a prompt: its logits are not finite, or an embedding is not its own.
  public func results(_ tasks: [Task]) throws(SAMError) -> [PointResult] {
    var results = [PointResult?](repeating: nil, count: tasks.count)
    let failure = Mutex<SAMError?>(nil)
    results.withUnsafeMutableBufferPointer { results in
      nonisolated(unsafe) let slots = results
      model.compute.forEach(tasks.count) { index in
        do throws(SAMError) {
          slots[index] = try result(tasks[index])
        } catch {
          failure.withLock { $0 = $0 ?? error }
        }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    return results.compactMap { $0 }
  }

  /// The result of one mask, on the calling thread.
  public func result(_ task: Task) throws(SAMError) -> PointResult {
    var session = Session(evaluator: self, task: task)
    try session.measurePoints()
    try session.measureBox()
    return session.result
  }

  /// A mask's answers, one after the other.
  private struct Session {
    let evaluator: PointEvaluator
    let task: Task
    var result: PointResult

    init(evaluator: PointEvaluator, task: Task) {
      (self.evaluator, self.task) = (evaluator, task)
      result = PointResult(
        points: [], candidates: [], box: 0, clicks: [task.first], area: task.truth.area)
    }

    private func answer(_ prompt: Prompt, multimask: Bool = false) throws(SAMError) -> Prediction {
      try evaluator.model.predictOnOneThread(prompt, in: task.embedding, multimask: multimask)
    }

    private func boundary(_ mask: BitMask) -> Double {
      // The truth is not empty, and so has a boundary.
      BoundaryIoU(mask, truth: task.truth).value ?? 0
    }

    mutating func measurePoints() throws(SAMError) {
      let truth = task.truth
      let start = try answer(Prompt(points: [PointPrompt(task.first)]), multimask: true)
      let masks = start.bitMasks
      let ious = masks.map { truth.intersectionOverUnion(with: $0) }
      result.candidates = zip(start.iouPredictions, ious).map {
        PointResult.Candidate(predictedIoU: Double($0), iou: $1)
      }
      let best = start.mostConfident
      var rounds = Rounds(mask: masks[best], carried: start.maskPrompt(best), clicks: [task.first])
      result.points = [ious[best]]
      if evaluator.measuresBoundaries { result.boundaries = [boundary(rounds.mask)] }
      while result.points.count < evaluator.pointCount {
        let isNew = try correct(&rounds, box: nil)
        result.points.append(
          isNew ? truth.intersectionOverUnion(with: rounds.mask) : result.points[result.points.count - 1])
        guard evaluator.measuresBoundaries else { continue }
        result.boundaries.append(
          isNew ? boundary(rounds.mask) : result.boundaries[result.boundaries.count - 1])
      }
      result.clicks = rounds.clicks
    }

    mutating func measureBox() throws(SAMError) {
      let truth = task.truth
      let box = Box(truth.boundingBox)
      let boxed = try answer(Prompt(box: box))
      var rounds = Rounds(mask: boxed.bitMasks[0], carried: boxed.maskPrompt(0), clicks: [])
      result.box = truth.intersectionOverUnion(with: rounds.mask)
      if evaluator.measuresBoundaries { result.boxBoundary = boundary(rounds.mask) }
      while result.boxPoints.count < evaluator.boxPointCount {
        let isNew = try correct(&rounds, box: box)
        result.boxPoints.append(
          isNew
            ? truth.intersectionOverUnion(with: rounds.mask)
            : result.boxPoints.last ?? result.box)
      }
    }

    /// Where a sequence of corrections is.
    private struct Rounds {
      var mask: BitMask
      var carried: MaskPrompt
      var clicks: [SimulatedClick]
    }

    /// One more click; false where nothing is left to correct.
    private func correct(_ rounds: inout Rounds, box: Box?) throws(SAMError) -> Bool {
      guard let click = SimulatedClick.correcting(rounds.mask, towards: task.truth) else { return false }
      rounds.clicks.append(click)
      let next = try answer(
        Prompt(points: rounds.clicks.map(PointPrompt.init), box: box, mask: rounds.carried))
      rounds.mask = next.bitMasks[0]
      rounds.carried = next.maskPrompt(0)
      return true
    }
  }
}

extension PointPrompt {
  /// A click as the model is told of it: a pixel by its column and row.
  fileprivate init(_ click: SimulatedClick) {
    self.init(Float(click.x), Float(click.y), click.isForeground ? .foreground : .background)
  }
}

extension Box {
  /// The edges of a box of whole pixels.
  fileprivate init(_ box: PixelBox) {
    self.init(Float(box.x), Float(box.y), Float(box.x + box.width), Float(box.y + box.height))
  }
}
