internal import SegmentAnything

/// Reads prompts as reference files have them, in pixels of the original image: a single one, or a batch of them.
enum PromptReading {
  /// The points of one prompt: `[x, y]` or a list of them, with a label each.
  static func points(
    _ points: ReferenceValue, _ labels: ReferenceValue
  ) throws(VerificationError) -> [PointPrompt] {
    let numbers = try points.flatNumbers()
    let kinds = try labels.flatNumbers()
    guard points.depth <= 2, numbers.count == 2 * kinds.count else {
      throw points.unexpected("two numbers for each label")
    }
    var result: [PointPrompt] = []
    for (index, kind) in kinds.enumerated() {
      guard let label = Int(exactly: kind).flatMap(PointPrompt.Label.init(rawValue:)) else {
        throw labels.unexpected("a list of labels 1, 0 and -1")
      }
      result.append(PointPrompt(Float(numbers[2 * index]), Float(numbers[2 * index + 1]), label))
    }
    return result
  }

  /// The points of each prompt of a batch; a list without a further list in it is a batch of one.
  static func batch(
    _ points: ReferenceValue, _ labels: ReferenceValue
  ) throws(VerificationError) -> [[PointPrompt]] {
    guard points.depth == 3 else { return [try self.points(points, labels)] }
    let (sets, kinds) = (try points.elements(), try labels.elements())
    guard sets.count == kinds.count else { throw labels.unexpected("a list for each of points") }
    var result: [[PointPrompt]] = []
    for (set, kind) in zip(sets, kinds) { result.append(try self.points(set, kind)) }
    guard result.allSatisfy({ $0.count == result[0].count }) else {
      throw points.unexpected("equally many points for each prompt")
    }
    return result
  }

  /// Boxes of left, top, right, bottom: one, or a list of them.
  static func boxes(_ boxes: ReferenceValue) throws(VerificationError) -> [Box] {
    let numbers = try boxes.flatNumbers()
    guard boxes.depth <= 2, numbers.count % 4 == 0, !numbers.isEmpty else {
      throw boxes.unexpected("a box of four numbers, or a list of such")
    }
    let corners = numbers.map { Float($0) }
    return stride(from: 0, to: corners.count, by: 4).map { at in
      Box(corners[at], corners[at + 1], corners[at + 2], corners[at + 3])
    }
  }
}
