internal import Imaging
internal import Tensors

/// A binary mask as the only prompt, made into prompts that the model understands.
///
/// The decoder never saw a mask without a point or a box in training: the reference answers such a prompt with
/// noise. So the mask brings its box, its innermost point and that of what lies beside it in the box; and where the answer
/// still differs from the mask, clicks on the largest differences follow, as an annotator would make them. The prompt
/// whose answer agrees best with the mask is the one that counts.
struct MaskAlone {
  let mask: Mask
  /// The prompt to try next.
  private(set) var prompt: Prompt
  /// The prompt whose answer had the highest IoU with the mask so far.
  private(set) var best: Prompt
  private var bestAgreement = -1.0

  /// Clicks that correct an answer at most.
  static let corrections = 5

  /// Nil for an empty mask.
  init?(_ mask: Mask) {
    guard let box = mask.boundingBox, let inside = mask.innermostPoint else { return nil }
    self.mask = mask
    var prompt = Prompt(
      points: [PointPrompt(centreOf: inside)],
      box: Box(Float(box.x), Float(box.y), Float(box.x + box.width), Float(box.y + box.height)),
      mask: .binary(mask))
    // A rim of a pixel or two is the mask's own roughness, not a place.
    if let beside = mask.complement(in: box).innermostPoint, beside.squaredDistance > 1 {
      prompt.points.append(PointPrompt(centreOf: beside, .background))
    }
    self.prompt = prompt
    best = prompt
  }

  /// Takes note of the answer to ``prompt``, and adds a click where it differs most from the mask; false where they agree
  /// but for a rim.
  mutating func correct(_ answer: Mask) -> Bool {
    let lacking = mask.subtracting(answer)
    let surplus = answer.subtracting(mask)
    let agreement = Double(mask.area - lacking.area) / Double(mask.area + surplus.area)
    if agreement > bestAgreement {
      bestAgreement = agreement
      best = prompt
    }
    let missing = lacking.innermostPoint
    let extra = surplus.innermostPoint
    let (lack, excess) = (missing?.squaredDistance ?? 0, extra?.squaredDistance ?? 0)
    guard max(lack, excess) > 1 else { return false }
    if lack > excess, let missing {
      prompt.points.append(PointPrompt(centreOf: missing))
    } else if let extra {
      prompt.points.append(PointPrompt(centreOf: extra, .background))
    }
    return true
  }
}

extension PointPrompt {
  fileprivate init(centreOf point: Mask.InnermostPoint, _ label: Label = .foreground) {
    self.init(Float(point.x) + 0.5, Float(point.y) + 0.5, label)
  }
}

extension Mask {
  /// The pixels of this mask that are not in another of its size.
  fileprivate func subtracting(_ other: Mask) -> Mask {
    Mask(trusted: zip(bits, other.bits).map { $0 & ~$1 & 1 }, width: width, height: height)
  }

  /// The pixels of a box that are not in this mask.
  fileprivate func complement(in box: PixelBox) -> Mask {
    var result = [UInt8](repeating: 0, count: bits.count)
    for y in box.y..<box.y + box.height {
      for index in y * width + box.x..<y * width + box.x + box.width { result[index] = 1 - bits[index] }
    }
    return Mask(trusted: result, width: width, height: height)
  }
}
