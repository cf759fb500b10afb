import Files
import Imaging
import SegmentAnything

extension Image {
  /// The image with its masks and the prompts they answer; a prompt's candidates, which lie on one another, stand side by
  /// side.
  init(_ image: Image, masks: [SegmentedMask], prompts: [PromptRequest]) throws(ImageError) {
    let ranks = masks.indices.map { index in
      masks[..<index].count { $0.prompt == masks[index].prompt }
    }
    let panels = (ranks.max() ?? 0) + 1
    var pictures: [Image] = []
    for panel in 0..<panels {
      // A prompt with one mask has it on every panel.
      let shown = masks.indices.filter { index in
        let isOnly = !masks.indices.contains { ranks[$0] > 0 && masks[$0].prompt == masks[index].prompt }
        return ranks[index] == panel || isOnly
      }
      var overlay = Overlay(image)
      // Small masks on top of large ones, in colours that follow the masks' numbers.
      for index in shown.sorted(by: { masks[$0].mask.area > masks[$1].mask.area }) {
        try overlay.add(masks[index].mask, color: .distinct(index))
      }
      overlay.add(prompts)
      pictures.append(overlay.image)
    }
    self = pictures.count == 1 ? pictures[0] : Image(sideBySide: pictures)
  }
}

extension Overlay {
  fileprivate mutating func add(_ prompts: [PromptRequest]) {
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
