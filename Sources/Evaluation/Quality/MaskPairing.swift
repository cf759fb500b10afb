public import Datasets
internal import Imaging

/// Two sets of masks of one image, paired: before and after correction, or by two annotators.
public struct MaskPairing: Sendable, Equatable {
  /// How masks find each other.
  public enum Rule: String, Sendable, CaseIterable {
    /// Masks of the same number are a pair.
    case id
    /// The two most alike are a pair, then the two most alike of the others, and so on, as long as they overlap.
    case iou
  }

  /// A mask and its counterpart.
  public struct Pair: Sendable, Equatable {
    /// Positions among the first and the second image's annotations.
    public let first: Int, second: Int
    /// How alike they are; 1 where both are empty.
    public let iou: Double
  }

  /// The pairs, in the order of the first set.
  public let pairs: [Pair]
  /// Masks of the first set without a counterpart, by position.
  public let onlyFirst: [Int]
  /// Masks of the second set without a counterpart.
  public let onlySecond: [Int]

  /// Pairs the masks of two samples of one image.
  ///
  /// - Throws: ``DatasetError`` where the images differ in size, or a number occurs twice and masks are paired by numbers.
  public init(_ first: DatasetSample, _ second: DatasetSample, by rule: Rule) throws(DatasetError) {
    guard first.width == second.width, first.height == second.height else {
      throw .record(
        path: second.picture.path, annotation: nil,
        .maskSize(
          width: second.width, height: second.height, imageWidth: first.width, imageHeight: first.height))
    }
    let one = first.annotations.map { BitMask($0.mask) }, other = second.annotations.map { BitMask($0.mask) }
    func iou(_ a: Int, _ b: Int) -> Double {
      one[a].isEmpty && other[b].isEmpty ? 1 : one[a].intersectionOverUnion(with: other[b])
    }
    var partner = [Int?](repeating: nil, count: one.count)
    switch rule {
    case .id:
      let places = try Self.places(second)
      _ = try Self.places(first)
      for index in one.indices { partner[index] = places[first.annotations[index].id] }
    case .iou:
      var candidates: [(iou: Double, a: Int, b: Int)] = []
      for a in one.indices {
        for b in other.indices {
          let value = iou(a, b)
          if value > 0 { candidates.append((value, a, b)) }
        }
      }
      // Of equally good ones those that come first.
      candidates.sort { ($1.iou, $0.a, $0.b) < ($0.iou, $1.a, $1.b) }
      var taken: Set<Int> = []
      for candidate in candidates where partner[candidate.a] == nil && !taken.contains(candidate.b) {
        partner[candidate.a] = candidate.b
        taken.insert(candidate.b)
      }
    }
    pairs = one.indices.compactMap { index in
      partner[index].map { Pair(first: index, second: $0, iou: iou(index, $0)) }
    }
    onlyFirst = one.indices.filter { partner[$0] == nil }
    let paired = Set(pairs.map(\.second))
    onlySecond = other.indices.filter { !paired.contains($0) }
  }

  private static func places(_ sample: DatasetSample) throws(DatasetError) -> [Int: Int] {
    var places: [Int: Int] = [:]
    for (index, annotation) in sample.annotations.enumerated() {
      if places.updateValue(index, forKey: annotation.id) != nil {
        throw .record(
          path: sample.picture.path, annotation: index, .duplicate("annotation \(annotation.id)"))
      }
    }
    return places
  }
}

/// What pairs of masks say about a set's quality (section 5 of the paper: 94 % of pairs above an IoU of 90 %, 97 % above 75 %).
public struct QualitySummary: Sendable, Equatable {
  /// IoUs of all pairs.
  public let ious: [Double]
  /// Masks of the first and of the second set without a counterpart.
  public let onlyFirst: Int, onlySecond: Int

  /// Of the pairings of all images.
  public init(_ pairings: [MaskPairing]) {
    ious = pairings.flatMap { $0.pairs.map(\.iou) }
    onlyFirst = pairings.reduce(0) { $0 + $1.onlyFirst.count }
    onlySecond = pairings.reduce(0) { $0 + $1.onlySecond.count }
  }

  /// Of the pairs of all images.
  package init(_ images: [ImageQuality]) {
    ious = images.flatMap { $0.pairs.map(\.iou) }
    onlyFirst = images.reduce(0) { $0 + $1.onlyFirst.count }
    onlySecond = images.reduce(0) { $0 + $1.onlySecond.count }
  }

  /// The share of pairs with an IoU above a threshold; not a number where there are no pairs.
  public func share(above threshold: Double) -> Double {
    Double(ious.count { $0 > threshold }) / Double(ious.count)
  }

  /// The same, where masks without a counterpart count as pairs that do not overlap.
  public func shareOfAll(above threshold: Double) -> Double {
    Double(ious.count { $0 > threshold }) / Double(ious.count + onlyFirst + onlySecond)
  }
}
