internal import Imaging

/// Puts the masks of overlapping tiles together.
///
/// A mask that ends at an edge of its tile which is no edge of the image is *cut*. Two masks of different tiles are of the same object
/// where they agree in what both tiles see: their IoU there is at least ``agreement``. Of the masks of one object the best whole one stays,
/// by predicted IoU; where all are cut, their union, with scores weighted by area and the largest one's point. A cut mask that no
/// neighbouring tile confirms is dropped, as the reference drops masks at the edges of crops.
struct TileMerger {
  /// The least IoU, in what two tiles have in common, of masks of the same object.
  static let agreement = 0.5

  private let width: Int, height: Int
  private let tolerance: Double
  private var groups: [[Member]] = []

  private struct Member {
    var candidate: MaskCandidate
    var isCut: Bool
    var tile: PixelBox { candidate.crop }
  }

  /// For an image of that size; a mask is cut that comes within a distance of its tile's edge.
  init(width: Int, height: Int, tolerance: Double) {
    self.width = width
    self.height = height
    self.tolerance = tolerance
  }

  /// Adds the masks of the next tile, row by row.
  mutating func add(_ candidates: [MaskCandidate], of tile: PixelBox) {
    for candidate in candidates {
      let crop = Crop(box: tile, layer: 1)
      let member = Member(
        candidate: candidate,
        isCut: crop.cuts(candidate.box, width: width, height: height, tolerance: tolerance))
      let matching = groups.indices.filter { index in
        groups[index].contains { $0.tile != tile && isSame($0.candidate, candidate) }
      }
      if let first = matching.first {
        for index in matching.dropFirst().reversed() {
          groups[first] += groups[index]
          groups.remove(at: index)
        }
        groups[first].append(member)
      } else {
        groups.append([member])
      }
    }
  }

  /// Takes out the masks of all objects that end above a row, below which the tiles to come lie.
  mutating func finish(above row: Int) -> [MaskCandidate] {
    var (finished, open): ([MaskCandidate], [[Member]]) = ([], [])
    for group in groups {
      if group.allSatisfy({ $0.candidate.box.bottom < row }) {
        if let mask = merged(group) { finished.append(mask) }
      } else {
        open.append(group)
      }
    }
    groups = open
    return finished
  }

  private func isSame(_ first: MaskCandidate, _ second: MaskCandidate) -> Bool {
    guard let common = first.crop.intersection(second.crop),
      let seen = first.box.covered.intersection(second.box.covered), seen.overlaps(common),
      let one = try? first.mask.cropped(to: common), let other = try? second.mask.cropped(to: common),
      let agreement = try? one.intersectionOverUnion(with: other)
    else { return false }
    return agreement >= Self.agreement
  }

  private func merged(_ group: [Member]) -> MaskCandidate? {
    let whole = group.filter { !$0.isCut }.map(\.candidate)
    if var best = whole.first {
      for candidate in whole where candidate.predictedIoU > best.predictedIoU { best = candidate }
      return best
    }
    guard group.count > 1, var result = group.first?.candidate else { return nil }
    let total = group.reduce(0) { $0 + Float($1.candidate.area) }
    (result.predictedIoU, result.stability) = (0, 0)
    var largest = 0
    for member in group {
      let part = member.candidate
      result.mask = (try? result.mask.union(part.mask)) ?? result.mask
      result.crop = result.crop.union(part.crop)
      let share = Float(part.area) / max(1, total)
      result.predictedIoU += share * part.predictedIoU
      result.stability += share * part.stability
      if part.area > largest { (largest, result.point) = (part.area, part.point) }
    }
    result.area = result.mask.area
    result.box = EdgeBox(result.mask.boundingBox)
    return result
  }
}

extension EdgeBox {
  /// The pixels from edge to edge.
  fileprivate var covered: PixelBox {
    PixelBox(x: left, y: top, width: right - left + 1, height: bottom - top + 1)
  }
}

extension PixelBox {
  /// The pixels that both boxes cover; nil for none.
  fileprivate func intersection(_ other: PixelBox) -> PixelBox? {
    let (left, top) = (max(x, other.x), max(y, other.y))
    let (right, bottom) = (min(x + width, other.x + other.width), min(y + height, other.y + other.height))
    guard left < right, top < bottom else { return nil }
    return PixelBox(x: left, y: top, width: right - left, height: bottom - top)
  }

  /// The smallest box that covers both.
  fileprivate func union(_ other: PixelBox) -> PixelBox {
    let (left, top) = (min(x, other.x), min(y, other.y))
    let (right, bottom) = (max(x + width, other.x + other.width), max(y + height, other.y + other.height))
    return PixelBox(x: left, y: top, width: right - left, height: bottom - top)
  }
}
