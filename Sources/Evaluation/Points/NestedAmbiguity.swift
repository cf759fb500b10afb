public import Datasets
internal import Imaging
public import SegmentAnything

/// Whether one point's three masks hold both the part that it lies on and the whole that the part belongs to.
///
/// Measured on made scenes, where what is part of what is known: in each scene that has such a pair, on one part that makes a
/// tenth to six tenths of its whole. The point is the innermost pixel of what belongs to the part and to none of its own parts.
public struct NestedAmbiguity: Sendable, Equatable {
  /// What a point was answered with on one scene.
  public struct Outcome: Sendable, Equatable {
    /// The scene's number.
    public let scene: Int
    /// The masks' positions in the scene.
    public let part: Int, whole: Int
    /// The pixel that was pointed at.
    public let x: Int, y: Int
    /// The answers, of the three, that are taken for part and whole.
    public let partAnswer: Int, wholeAnswer: Int
    /// The IoU of part and whole with two different answers, which are chosen so that the smaller IoU is as large as
    /// possible.
    public let partIoU: Double, wholeIoU: Double
    /// The IoU of the answers to the boxes of part and whole, which are not ambiguous: what the model makes of these outlines
    /// where it need not guess which is meant.
    public let partBoxIoU: Double, wholeBoxIoU: Double
  }

  /// One for each scene, in order.
  public let outcomes: [Outcome]

  /// The share of scenes on which both are answered with an IoU of at least `threshold`.
  public func share(threshold: Double = 0.7) -> Double {
    guard !outcomes.isEmpty else { return .nan }
    return Double(outcomes.count { min($0.partIoU, $0.wholeIoU) >= threshold }) / Double(outcomes.count)
  }

  /// Measures a model.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - scenes: where pairs are looked for, from scene 0 on.
  ///   - count: on how many scenes with a pair the model is measured.
  ///   - progress: told how many scenes are done.
  /// - Throws: ``SAMError`` where the surrounding task is cancelled or the model is at fault.
  public init(
    _ model: SAM, scenes: SyntheticScenes, count: Int, progress: (Int) -> Void = { _ in }
  ) throws(SAMError) {
    var outcomes: [Outcome] = []
    for number in 0..<scenes.count where outcomes.count < count {
      let scene = scenes.scene(at: number)
      guard let pair = Pair(scene) else { continue }
      let embedding = try model.embed(scene.image)
      let answer = try model.predict([.point(Float(pair.x), Float(pair.y))], in: embedding, multimask: true)[
        0]
      let masks = answer.bitMasks
      let (part, whole) = (BitMask(scene.masks[pair.part]), BitMask(scene.masks[pair.whole]))
      let parts = masks.map { part.intersectionOverUnion(with: $0) }
      let wholes = masks.map { whole.intersectionOverUnion(with: $0) }
      let boxed = try model.predict(
        [
          Prompt(box: Box(around: scene.masks[pair.part])), Prompt(box: Box(around: scene.masks[pair.whole])),
        ],
        in: embedding, multimask: false
      ).map { $0.bitMasks[0] }
      var best = (part: 0.0, whole: 0.0)
      var answers = (part: 0, whole: 0)
      for one in masks.indices {
        for other in masks.indices where one != other {
          if min(parts[one], wholes[other]) > min(best.part, best.whole) {
            best = (parts[one], wholes[other])
            answers = (one, other)
          }
        }
      }
      outcomes.append(
        Outcome(
          scene: number, part: pair.part, whole: pair.whole, x: pair.x, y: pair.y, partAnswer: answers.part,
          wholeAnswer: answers.whole, partIoU: best.part, wholeIoU: best.whole,
          partBoxIoU: part.intersectionOverUnion(with: boxed[0]),
          wholeBoxIoU: whole.intersectionOverUnion(with: boxed[1])))
      progress(outcomes.count)
    }
    self.outcomes = outcomes
  }
}

/// A part and its whole, with a pixel that means both.
private struct Pair {
  let part: Int, whole: Int
  let x: Int, y: Int

  /// The largest part that makes a tenth to six tenths of its whole; nil where there is none.
  init?(_ scene: SyntheticScene) {
    let areas = scene.masks.map(\.area)
    let smallest = scene.image.width * scene.image.height / 200
    let parts = scene.masks.indices.filter { part in
      guard let whole = scene.wholes[part], areas[part] >= smallest else { return false }
      return (0.1...0.6).contains(Double(areas[part]) / Double(areas[whole]))
    }
    guard let part = parts.max(by: { (areas[$0], $1) < (areas[$1], $0) }), let whole = scene.wholes[part]
    else {
      return nil
    }
    var own = BitMask(scene.masks[part])
    for (inner, outer) in scene.wholes.enumerated() where outer == part {
      own = own.subtracting(BitMask(scene.masks[inner]))
    }
    guard let point = own.innermostPoint else { return nil }
    (self.part, self.whole, x, y) = (part, whole, point.x, point.y)
  }
}

extension Box {
  fileprivate init(around mask: RunLengthMask) {
    let box = mask.boundingBox
    self.init(Float(box.x), Float(box.y), Float(box.x + box.width), Float(box.y + box.height))
  }
}
