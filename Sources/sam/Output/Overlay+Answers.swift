import Imaging
import SegmentAnything

extension Overlay {
  /// The image with its masks, and the prompts they answer.
  init(_ image: Image, masks: [SegmentedMask], prompts: [PromptRequest]) throws(ImageError) {
    self.init(image)
    // Small masks on top of large ones, in colours that follow the masks' numbers.
    for (index, mask) in masks.enumerated().sorted(by: { $0.element.mask.area > $1.element.mask.area }) {
      try add(mask.mask, color: .distinct(index))
    }
    for prompt in prompts {
      if let box = prompt.box {
        addBox(x0: Double(box.x0), y0: Double(box.y0), x1: Double(box.x1), y1: Double(box.y1))
      }
      for point in prompt.points {
        addPoint(x: Double(point.x), y: Double(point.y), isForeground: point.label == .foreground)
      }
    }
  }
}

extension ContactSheet {
  /// Adds an overlay, captioned with the image's name and the masks' predicted IoU.
  mutating func add(_ overlay: Image, of task: SegmentTask, _ result: SegmentedImage) {
    let scores = result.masks.map { Decimal.fixed(Double($0.predictedIoU), decimals: 2) }
    add(overlay, caption: ([Path.stem(task.name)] + scores).joined(separator: " "))
  }
}
