internal import Datasets
internal import Imaging

/// How one image's results of one category fit the truth, for each range of areas and each threshold.
struct COCOMatches: Sendable {
  /// For one range of areas.
  struct Outcome: Sendable {
    /// For each result, bit t: whether it has a truth at threshold t.
    var matched: [UInt16]
    /// For each result, bit t: whether it counts neither for nor against at threshold t.
    var ignored: [UInt16]
    /// Objects of the truth that are to be found.
    var positives: Int
  }

  /// The results' scores, highest first; of equal ones in the order they were given.
  let scores: [Double]
  /// By range of areas.
  private(set) var outcomes: [Outcome] = []

  /// Matches results, highest score first, each with the free truth of the largest IoU.
  ///
  /// - Parameters:
  ///   - most: how many results count.
  ///   - isExhaustive: whether all objects are marked, so that a result without a truth is wrong.
  init(
    truth: [COCOInstance], results: [COCOInstance], kind: COCOEvaluation.Kind, most: Int,
    isExhaustive: Bool = true
  ) {
    // The sort is stable: of equal scores the one given first stays first.
    let results = results.enumerated().sorted {
      ($1.element.score, $0.offset) < ($0.element.score, $1.offset)
    }
    .prefix(most).map(\.element)
    scores = results.map(\.score)
    let overlaps = Self.overlaps(results, truth, kind)
    for area in COCOEvaluation.areas {
      outcomes.append(Self.outcome(area.range, results, truth, overlaps, isExhaustive: isExhaustive))
    }
  }

  /// IoU of all pairs: a row for each result.
  static func overlaps(
    _ results: [COCOInstance], _ truth: [COCOInstance], _ kind: COCOEvaluation.Kind
  ) -> [Double] {
    guard !truth.isEmpty else { return [] }
    var overlaps = [Double](repeating: 0, count: results.count * truth.count)
    switch kind {
    case .boxes:
      for (row, result) in results.enumerated() {
        for (column, object) in truth.enumerated() {
          overlaps[row * truth.count + column] = result.box.intersectionOverUnion(
            with: object.box, isCrowd: object.isCrowd)
        }
      }
    case .masks:
      let boxes = truth.map { $0.mask?.boundingBox ?? .empty }
      for (row, result) in results.enumerated() {
        guard let mask = result.mask else { continue }
        let box = mask.boundingBox
        for (column, object) in truth.enumerated() where box.overlaps(boxes[column]) {
          // Masks of one image have one size; readers see to that.
          guard let other = object.mask,
            let overlap = try? mask.intersectionOverUnion(with: other, isCrowd: object.isCrowd)
          else { continue }
          overlaps[row * truth.count + column] = overlap
        }
      }
    }
    return overlaps
  }

  private static func outcome(
    _ range: ClosedRange<Double>, _ results: [COCOInstance], _ truth: [COCOInstance], _ overlaps: [Double],
    isExhaustive: Bool
  ) -> Outcome {
    let isIgnored = truth.map { $0.isCrowd || !range.contains($0.area) }
    // What is to be found comes first, so that it is preferred.
    let order = truth.indices.filter { !isIgnored[$0] } + truth.indices.filter { isIgnored[$0] }
    let positives = truth.count - isIgnored.count { $0 }
    var outcome = Outcome(
      matched: [UInt16](repeating: 0, count: results.count),
      ignored: [UInt16](repeating: 0, count: results.count),
      positives: positives)
    var taken = [Bool](repeating: false, count: truth.count)
    for (number, threshold) in COCOEvaluation.thresholds.enumerated() {
      let bit: UInt16 = 1 << UInt16(number)
      for index in taken.indices { taken[index] = false }
      for (row, result) in results.enumerated() {
        var least = min(threshold, 1 - 1e-10)
        var match: Int?
        for column in order where !taken[column] || truth[column].isCrowd {
          // Whoever has a truth to be found does not go on to those that do not count.
          if let match, !isIgnored[match], isIgnored[column] { break }
          let overlap = overlaps[row * truth.count + column]
          if overlap < least { continue }
          least = overlap
          match = column
        }
        if let match {
          taken[match] = true
          outcome.matched[row] |= bit
          if isIgnored[match] { outcome.ignored[row] |= bit }
        } else if !isExhaustive || !range.contains(result.area) {
          outcome.ignored[row] |= bit
        }
      }
    }
    return outcome
  }
}
