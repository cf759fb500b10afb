import Imaging
import SegmentAnything
import TestSupport

/// The example photos, and the model inside, loaded once for all tests.
enum Photos {
  static let sam: Result<SAM, SAMError> = Result { () throws(SAMError) in try SAM.embedded() }
  static let coffee: Result<ImageEmbedding, any Error> = Result { try sam.get().embed(image("coffee")) }

  static func image(_ name: String) throws -> Image {
    try Image(contentsOfFile: Fixtures.path("../../examples/photos/\(name).jpg"))
  }
}

extension Mask {
  /// Intersection over union.
  func iou(_ other: Mask) -> Double {
    var (intersection, union) = (0, 0)
    for (a, b) in zip(bits, other.bits) {
      intersection += Int(a & b)
      union += Int(a | b)
    }
    return union == 0 ? 1 : Double(intersection) / Double(union)
  }
}
