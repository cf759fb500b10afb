internal import Imaging
internal import Tensors

extension Prompt {
  /// - Throws: ``SAMError/prompt(_:)`` where the prompt makes no sense for an image of that size.
  func check(_ geometry: ImageGeometry) throws(SAMError) {
    if points.isEmpty && box == nil && mask == nil { throw .prompt(.empty) }
    let (width, height) = (Float(geometry.width), Float(geometry.height))
    for point in points where point.label != .padding {
      let part = PromptError.Part.point(x: point.x, y: point.y)
      guard point.x.isFinite, point.y.isFinite else { throw .prompt(.notFinite(part: part)) }
      guard (0...width).contains(point.x), (0...height).contains(point.y) else {
        throw .prompt(.outside(part: part, width: geometry.width, height: geometry.height))
      }
    }
    if let box {
      let part = PromptError.Part.box(box)
      guard box.x0.isFinite, box.y0.isFinite, box.x1.isFinite, box.y1.isFinite else {
        throw .prompt(.notFinite(part: part))
      }
      guard box.x0 < box.x1, box.y0 < box.y1 else { throw .prompt(.invertedBox(box)) }
      guard box.x1 > 0, box.y1 > 0, box.x0 < width, box.y0 < height else {
        throw .prompt(.outside(part: part, width: geometry.width, height: geometry.height))
      }
    }
    switch mask {
    case nil: break
    case .binary(let mask):
      guard mask.width == geometry.width, mask.height == geometry.height else {
        throw .prompt(
          .maskSize(
            width: mask.width, height: mask.height, expectedWidth: geometry.width,
            expectedHeight: geometry.height))
      }
      guard mask.area > 0 else { throw .prompt(.emptyMask) }
    case .logits(let logits):
      let side = geometry.upsampling.lowResolutionSize
      guard logits.count == side * side, logits.shape.suffix(2).elementsEqual([side, side]) else {
        throw .prompt(.logitsSize(found: Array(logits.shape), expected: side))
      }
      guard logits.withUnsafeBuffer({ $0.allSatisfy(\.isFinite) }) else {
        throw .prompt(.notFinite(part: .logits))
      }
    }
  }
}
