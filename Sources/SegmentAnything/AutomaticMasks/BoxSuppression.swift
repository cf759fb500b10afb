internal import Imaging

/// Greedy non-maximum suppression of boxes, one box at a time in the order of their scores: what has been admitted stays.
package struct BoxSuppression {
  private var admitted: [(box: SIMD4<Float>, area: Float)] = []
  private let threshold: Double

  /// - Parameter threshold: boxes with a larger IoU with an admitted one are turned away.
  package init(threshold: Double) { self.threshold = threshold }

  /// Admits a box, or says that it overlaps one that was admitted too much.
  package mutating func admit(_ box: EdgeBox) -> Bool {
    let box = SIMD4(Float(box.left), Float(box.top), Float(box.right), Float(box.bottom))
    let area = (box[2] - box[0]) * (box[3] - box[1])
    for other in admitted {
      let width = max(0, min(box[2], other.box[2]) - max(box[0], other.box[0]))
      let height = max(0, min(box[3], other.box[3]) - max(box[1], other.box[1]))
      let shared = width * height
      if Double(shared / (other.area + area - shared)) > threshold { return false }
    }
    admitted.append((box, area))
    return true
  }

  /// The positions of the boxes that stay, by descending score; equal scores stay in order.
  package static func kept(_ boxes: [EdgeBox], scores: [Float], threshold: Double) -> [Int] {
    var suppression = BoxSuppression(threshold: threshold)
    return descending(scores).filter { suppression.admit(boxes[$0]) }
  }

  /// Positions by descending score; equal scores, and those that are no numbers, stay in order at their place.
  static func descending(_ scores: [Float]) -> [Int] {
    let scores = scores.map { $0.isNaN ? -Float.infinity : $0 }
    return scores.indices.sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
  }
}
