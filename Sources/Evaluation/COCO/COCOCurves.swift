/// Precision and recall of one category.
struct COCOCurves: Sendable, Equatable {
  /// For each range of areas, thresholds x recalls precisions of all results that were matched, row by row; empty where nothing
  /// was to be found.
  private(set) var precisions: [[Double]] = []
  /// For each range of areas and number of detections, the recall reached at each threshold; empty where nothing was to be
  /// found.
  private(set) var recalls: [[[Double]]] = []

  /// From the matches of all images in order.
  ///
  /// - Parameter detections: numbers of an image's results of which recalls are wanted.
  init(_ images: [COCOMatches], detections: [Int]) {
    // Of equal scores the earlier image's comes first.
    var order: [(image: Int, place: Int)] = []
    for (image, matches) in images.enumerated() {
      for place in matches.scores.indices { order.append((image, place)) }
    }
    let scores = images.flatMap(\.scores)
    let sorted = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }.map { order[$0] }
    for area in COCOEvaluation.areas.indices {
      let outcomes = images.map { $0.outcomes[area] }
      let positives = outcomes.reduce(0) { $0 + $1.positives }
      guard positives > 0 else {
        precisions.append([])
        recalls.append(detections.map { _ in [] })
        continue
      }
      let results = sorted.map {
        (outcomes[$0.image].matched[$0.place], outcomes[$0.image].ignored[$0.place])
      }
      precisions.append(
        COCOEvaluation.thresholds.indices.flatMap {
          Self.precisions(results, threshold: $0, positives: positives)
        })
      recalls.append(
        detections.map { most in
          COCOEvaluation.thresholds.indices.map { threshold in
            let bit: UInt16 = 1 << UInt16(threshold)
            let found = outcomes.reduce(0) { sum, outcome in
              sum + zip(outcome.matched, outcome.ignored).prefix(most).count { $0 & ~$1 & bit != 0 }
            }
            return Double(found) / Double(positives)
          }
        })
    }
  }

  /// The precision at each recall: the highest that is reached at that recall or a higher one.
  private static func precisions(
    _ results: [(matched: UInt16, ignored: UInt16)], threshold: Int, positives: Int
  ) -> [Double] {
    let bit: UInt16 = 1 << UInt16(threshold)
    var (right, wrong) = (0.0, 0.0)
    var recall: [Double] = []
    var precision: [Double] = []
    recall.reserveCapacity(results.count)
    precision.reserveCapacity(results.count)
    for (matched, ignored) in results where ignored & bit == 0 {
      if matched & bit != 0 { right += 1 } else { wrong += 1 }
      recall.append(right / Double(positives))
      precision.append(right / (wrong + right + .ulpOfOne))
    }
    for index in precision.indices.dropLast().reversed() {
      precision[index] = max(precision[index], precision[index + 1])
    }
    var place = 0
    return COCOEvaluation.recalls.map { wanted in
      while place < recall.count, recall[place] < wanted { place += 1 }
      return place < precision.count ? precision[place] : 0
    }
  }
}
