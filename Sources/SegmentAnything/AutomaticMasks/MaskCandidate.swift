internal import Imaging
internal import Tensors

/// A mask on its way through the filters, in the whole image's frame.
struct MaskCandidate: Sendable {
  var mask: RunLengthMask
  var area: Int
  var box: EdgeBox
  var predictedIoU: Float
  var stability: Float
  var point: Point
  var crop: PixelBox

  var record: AutomaticMask {
    AutomaticMask(
      segmentation: mask, area: area, box: box.xywh, predictedIoU: predictedIoU, stabilityScore: stability,
      point: point, cropBox: BoxXYWH(crop))
  }

  /// Removes small parts and fills small holes (reference, `postprocess_small_regions`).
  ///
  /// - Returns: whether there were any, even if the mask's only part stayed; nil where nothing of the mask is left.
  mutating func cleanUp(_ settings: AutomaticMaskGenerator.Settings) -> Bool? {
    let least = Double(settings.minimumRegionArea)
    let filled = mask.fillingHoles(smallerThan: least)
    let cleaned = (filled ?? mask).removingIslands(
      smallerThan: least, keepingLargest: !settings.dropsMasksOfSmallRegions)
    guard let cleaned = cleaned ?? filled else { return false }
    if settings.dropsMasksOfSmallRegions, cleaned.isEmpty { return nil }
    mask = cleaned
    area = cleaned.area
    box = EdgeBox(cleaned.boundingBox)
    return true
  }
}
