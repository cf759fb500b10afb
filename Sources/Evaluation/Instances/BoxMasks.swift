package import Files
public import Imaging
public import SegmentAnything
internal import Synchronization

/// Masks of the boxes that a detector found (paper, section 7.4 and appendix D.4): a box is asked for three masks, and the
/// most confident one's logits are given back with the same box, for the mask that counts.
public struct BoxMasks: Sendable {
  /// The model that is asked.
  public let model: SAM
  /// How often the mask is given back; the paper's number is 1.
  public let refinements: Int

  /// Masks by a model.
  public init(_ model: SAM, refinements: Int = 1) {
    (self.model, self.refinements) = (model, max(0, refinements))
  }

  /// The masks of boxes in one image, side by side on the model's threads.
  ///
  /// - Parameters:
  ///   - boxes: in the image's pixels.
  ///   - isCancelled: asked between boxes, from several threads.
  /// - Returns: a mask for each box; an empty one where the box has no extent.
  public func masks(
    of boxes: [BoxXYWH], in embedding: ImageEmbedding,
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) throws(SAMError) -> [RunLengthMask] {
    var masks = [RunLengthMask?](repeating: nil, count: boxes.count)
    let failure = Mutex<SAMError?>(nil)
    masks.withUnsafeMutableBufferPointer { masks in
      nonisolated(unsafe) let slots = masks
      model.compute.forEach(boxes.count) { index in
        guard !isCancelled() else { return failure.withLock { $0 = $0 ?? .cancelled } }
        do throws(SAMError) {
          slots[index] = try mask(of: boxes[index], in: embedding)
        } catch {
          failure.withLock { $0 = $0 ?? error }
        }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    let empty = RunLengthMask(Mask(width: embedding.width, height: embedding.height))
    return masks.map { $0 ?? empty }
  }

  private func mask(of box: BoxXYWH, in embedding: ImageEmbedding) throws(SAMError) -> RunLengthMask? {
    // Detectors' boxes may reach a little beyond the image, or have no extent.
    let (width, height) = (Double(embedding.width), Double(embedding.height))
    let (left, top) = (min(max(box.x, 0), width), min(max(box.y, 0), height))
    let (right, bottom) = (min(max(box.x + box.width, 0), width), min(max(box.y + box.height, 0), height))
    guard right > left, bottom > top else { return nil }
    let prompt = Box(Float(left), Float(top), Float(right), Float(bottom))
    var answer = try model.predictOnOneThread(Prompt(box: prompt), in: embedding, multimask: true)
    var best = answer.mostConfident
    for _ in 0..<refinements {
      answer = try model.predictOnOneThread(
        Prompt(box: prompt, mask: answer.maskPrompt(best)), in: embedding, multimask: false)
      best = 0
    }
    return answer.runLengthMasks[best]
  }
}

/// The masks of one image's boxes, in the boxes' order.
public struct ImageBoxMasks: Sendable, Equatable {
  /// The masks as COCO's compressed run lengths.
  public let counts: [String]
  /// The image's size in pixels.
  public let width: Int, height: Int

  /// Masks of an image.
  public init(_ masks: [RunLengthMask], width: Int, height: Int) {
    counts = masks.map(\.compressed)
    (self.width, self.height) = (width, height)
  }

  /// The mask of a box, by the box's place; nil where there is none.
  public func mask(at place: Int) -> RunLengthMask? {
    guard counts.indices.contains(place) else { return nil }
    return try? RunLengthMask(compressed: counts[place], width: width, height: height)
  }
}

extension ImageBoxMasks: KeptResult {
  package init?(journal: JSONValue) {
    guard let width = journal["width"]?.integer, let height = journal["height"]?.integer,
      case .array(let values)? = journal["masks"]
    else { return nil }
    counts = values.compactMap(\.text)
    guard counts.count == values.count else { return nil }
    (self.width, self.height) = (width, height)
  }

  package var journal: JSONText {
    .object([
      ("width", .integer(width)), ("height", .integer(height)),
      ("masks", .array(counts.map(JSONText.string))),
    ])
  }
}
