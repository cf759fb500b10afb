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

  /// An evaluator of a model.
  public init(_ model: SAM, pointCount: Int = 9) {
    self.model = model
    self.pointCount = max(1, pointCount)
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
    let truth = task.truth
    func answer(_ prompt: Prompt, multimask: Bool = false) throws(SAMError) -> Prediction {
      try model.predictOnOneThread(prompt, in: task.embedding, multimask: multimask)
    }
    var clicks = [task.first]
    let start = try answer(Prompt(points: clicks.map(PointPrompt.init)), multimask: true)
    let masks = start.bitMasks
    let ious = masks.map { truth.intersectionOverUnion(with: $0) }
    let candidates = zip(start.iouPredictions, ious).map {
      PointResult.Candidate(predictedIoU: Double($0), iou: $1)
    }
    var current = masks[start.mostConfident]
    var carried = start.maskPrompt(start.mostConfident)
    var points = [ious[start.mostConfident]]
    while points.count < pointCount {
      guard let click = SimulatedClick.correcting(current, towards: truth) else {
        points.append(points[points.count - 1])
        continue
      }
      clicks.append(click)
      let next = try answer(Prompt(points: clicks.map(PointPrompt.init), mask: carried))
      current = next.bitMasks[0]
      carried = next.maskPrompt(0)
      points.append(truth.intersectionOverUnion(with: current))
    }
    let boxed = try answer(Prompt(box: Box(truth.boundingBox))).bitMasks[0]
    return PointResult(
      points: points, candidates: candidates, box: truth.intersectionOverUnion(with: boxed), clicks: clicks)
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
