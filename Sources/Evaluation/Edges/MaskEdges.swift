internal import Imaging
public import SegmentAnything
internal import Synchronization
internal import Tensors

/// Edges from masks, without training for edges (paper, section 7.2 and appendix D.2).
///
/// A grid of points is asked, three masks for each; duplicates are removed by the IoU of their boxes; Sobel's filter finds
/// the gradient of each mask's probabilities, which counts along the mask's outline only; the largest value of all masks at
/// a pixel, scaled to 0…1, is its edge strength.
public struct MaskEdges: Sendable {
  /// What decides over the edges; the defaults follow the paper where it is clear.
  public struct Settings: Sendable, Equatable {
    /// Points along each side of the grid.
    public var pointsPerSide = 16
    /// Of two masks whose boxes have an IoU above this, that of the higher predicted IoU stays.
    public var boxNMSThreshold = 0.7
    /// How many pixels wide the outline is along which gradients count: half of them, rounded up, inside the mask. The paper
    /// does not say; 2 is where Sobel's filter of the mask itself is not 0.
    public var boundaryWidth = 2
    /// Whether holes are filled first, so that only a mask's outer outline counts. The paper does not say.
    public var fillsHoles = false
    /// What Sobel's filter finds beyond the image. The paper does not say.
    public var border = Border.replicated
    /// Whether strengths are smoothed by a Gaussian of 3 x 3 pixels before suppression. The paper does not say.
    public var smooths = true
    /// How many outermost rows and columns are set to 0: masks that nearly reach the border have an outline along it. The paper
    /// does not say.
    public var frame = 3
    /// How strengths beside the crest are suppressed.
    public var suppression = EdgeSuppression.canny

    /// The paper's.
    public init() {}
  }

  /// What a filter finds beyond the image.
  public enum Border: String, Sendable, CaseIterable {
    /// The image's outermost pixels again: no edge along the border.
    case replicated
    /// Zeros: an edge wherever a mask meets the border.
    case zero
  }

  /// The model that is asked.
  public let sam: SAM
  /// What decides over the edges.
  public let settings: Settings

  /// Edges by a model.
  public init(_ sam: SAM, settings: Settings = Settings()) {
    self.sam = sam
    self.settings = settings
  }

  /// What was found in an image.
  public struct Result: Sendable {
    /// The strengths, suppressed.
    public let edges: EdgeStrength
    /// The strengths before suppression and smoothing.
    public let raw: EdgeStrength
    /// Masks that were left after duplicates were removed.
    public let maskCount: Int
  }

  /// The edges of an image.
  ///
  /// - Parameters:
  ///   - embedding: of the image.
  ///   - isCancelled: asked between points, from several threads.
  /// - Throws: ``SegmentAnything/SAMError/cancelled``, or what a prompt is refused for.
  public func edges(
    in embedding: ImageEmbedding, isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(SAMError) -> Result {
    let masks = try masks(in: embedding, isCancelled: isCancelled)
    let (width, height) = (embedding.width, embedding.height)
    var strongest = GradientField(width: width, height: height)
    // Each worker gathers some of the masks; a maximum does not depend on their order.
    let fields = Mutex<[GradientField]>([])
    sam.compute.forEach(masks.count) { index in
      guard !isCancelled() else { return }
      var field = fields.withLock { $0.popLast() } ?? GradientField(width: width, height: height)
      field.add(
        masks[index].prediction.logits(ofMask: masks[index].index), rank: Int32(index), settings)
      fields.withLock { $0.append(field) }
    }
    if isCancelled() { throw .cancelled }
    for field in fields.withLock({ $0 }) { strongest.merge(field) }

    let raw = EdgeStrength(
      trusted: strongest.magnitudes.map { Double($0) }, width: width, height: height
    ).withoutFrame(settings.frame).scaled()
    let smooth = settings.smooths ? raw.smoothed() : raw
    let edges: EdgeStrength =
      switch settings.suppression {
      case .canny: smooth.suppressed(across: strongest.directions)
      case .dollar: smooth.suppressedByCurvature()
      case .none: smooth
      }
    return Result(edges: edges, raw: raw, maskCount: masks.count)
  }

  private struct Candidate: Sendable {
    var prediction: Prediction
    var index: Int
  }

  /// The masks of all points that are left after duplicates have been removed, best first.
  private func masks(
    in embedding: ImageEmbedding, isCancelled: @escaping @Sendable () -> Bool
  ) throws(SAMError) -> [Candidate] {
    let points = PointGrid.square(settings.pointsPerSide).map {
      PointPrompt(Float($0.x * Double(embedding.width)), Float($0.y * Double(embedding.height)))
    }
    var answers = [(prediction: Prediction, boxes: [EdgeBox])?](repeating: nil, count: points.count)
    let failure = Mutex<SAMError?>(nil)
    answers.withUnsafeMutableBufferPointer { answers in
      nonisolated(unsafe) let slots = answers
      sam.compute.forEach(points.count) { index in
        guard !isCancelled() else { return }
        do throws(SAMError) {
          let prediction = try sam.predictOnOneThread(
            Prompt(points: [points[index]]), in: embedding, multimask: true)
          slots[index] = (prediction, prediction.bitMasks.map { EdgeBox($0.boundingBox) })
        } catch {
          failure.withLock { $0 = $0 ?? error }
        }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    if isCancelled() { throw .cancelled }
    var candidates: [Candidate] = []
    var boxes: [EdgeBox] = []
    for case .some((let prediction, let own)) in answers {
      for (index, box) in own.enumerated() {
        candidates.append(Candidate(prediction: prediction, index: index))
        boxes.append(box)
      }
    }
    return BoxSuppression.kept(
      boxes, scores: candidates.map { $0.prediction.iouPredictions[$0.index] },
      threshold: settings.boxNMSThreshold
    ).map { candidates[$0] }
  }
}
