internal import Datasets
internal import Tensors

/// The objects and the best proposals of one image, and how they overlap.
struct ProposalImage: Sendable {
  /// What is to be found.
  struct Object: Sendable {
    var category: Int
    var area: Double
    var isCrowd: Bool
  }

  /// The objects by category, each category's in the order given, as COCO's tools have them when categories are one.
  let objects: [Object]
  /// How many proposals there are, best first.
  let proposalCount: Int
  /// IoU of all pairs: a row for each proposal.
  private let overlaps: [Double]

  init(truth: [COCOInstance], proposals: [COCOInstance], kind: COCOEvaluation.Kind, limit: Int) {
    let truth = truth.enumerated().sorted {
      ($0.element.category, $0.offset) < ($1.element.category, $1.offset)
    }.map(\.element)
    let best = proposals.enumerated().sorted {
      ($1.element.score, $0.offset) < ($0.element.score, $1.offset)
    }.prefix(max(0, limit)).map(\.element)
    objects = truth.map { Object(category: $0.category, area: $0.area, isCrowd: $0.isCrowd) }
    proposalCount = best.count
    overlaps = COCOMatches.overlaps(best, truth, kind)
  }

  /// The images of a truth that have objects.
  static func all(
    truth: COCOInstances, proposals: [COCOInstance], kind: COCOEvaluation.Kind, limit: Int, threads: Int?
  ) -> [ProposalImage] {
    let objects = Dictionary(grouping: truth.instances, by: \.image)
    let found = Dictionary(grouping: proposals, by: \.image)
    let pictures = truth.pictures.filter { objects[$0.id] != nil }
    var images = [ProposalImage?](repeating: nil, count: pictures.count)
    images.withUnsafeMutableBufferPointer { images in
      nonisolated(unsafe) let slots = images
      (threads.map { Compute(threads: $0) } ?? .shared).forEach(pictures.count) { index in
        slots[index] = ProposalImage(
          truth: objects[pictures[index].id] ?? [], proposals: found[pictures[index].id] ?? [], kind: kind,
          limit: limit)
      }
    }
    return images.compactMap { $0 }
  }

  /// How many objects of a range of areas there are, and how many of them are found at each threshold.
  func found(
    _ range: ClosedRange<Double>, limit: Int, matching: ProposalRecall.Matching, categories: Set<Int>?
  ) -> (objects: Int, found: [Int]) {
    let columns = objects.indices.filter { categories?.contains(objects[$0].category) ?? true }
    switch matching {
    case .scoreOrder: return inOrderOfScores(range, min(limit, proposalCount), columns)
    case .bestIoU: return byBestIoU(range, min(limit, proposalCount), columns)
    }
  }

  private func inOrderOfScores(
    _ range: ClosedRange<Double>, _ rows: Int, _ columns: [Int]
  ) -> (objects: Int, found: [Int]) {
    func isIgnored(_ column: Int) -> Bool { objects[column].isCrowd || !range.contains(objects[column].area) }
    let regular = columns.filter { !isIgnored($0) }
    let ignored = columns.filter { isIgnored($0) }
    let found = COCOEvaluation.thresholds.map { threshold in
      var isTaken = [Bool](repeating: false, count: objects.count)
      var found = 0
      for row in 0..<rows {
        if let match = best(row, of: regular, threshold, isTaken) {
          isTaken[match] = true
          found += 1
        } else if let match = best(row, of: ignored, threshold, isTaken) {
          isTaken[match] = true
        }
      }
      return found
    }
    return (regular.count, found)
  }

  /// The free object of the largest IoU, of equal ones the last; crowds are free for all.
  private func best(_ row: Int, of columns: [Int], _ threshold: Double, _ isTaken: [Bool]) -> Int? {
    var least = min(threshold, 1 - 1e-10)
    var match: Int?
    for column in columns where !isTaken[column] || objects[column].isCrowd {
      let overlap = overlaps[row * objects.count + column]
      if overlap < least { continue }
      least = overlap
      match = column
    }
    return match
  }

  private func byBestIoU(
    _ range: ClosedRange<Double>, _ rows: Int, _ columns: [Int]
  ) -> (objects: Int, found: [Int]) {
    let objectsToFind = columns.filter { !objects[$0].isCrowd && range.contains(objects[$0].area) }
    var isFree = [Bool](repeating: true, count: rows)
    /// An object's best free proposal, the first of several; nil where none overlaps it.
    func best(_ column: Int) -> (overlap: Double, row: Int)? {
      var best: (overlap: Double, row: Int)?
      for row in 0..<rows where isFree[row] {
        let overlap = overlaps[row * objects.count + column]
        if overlap > best?.overlap ?? 0 { best = (overlap, row) }
      }
      return best
    }
    var waiting = objectsToFind.map { (column: $0, best: best($0)) }
    var reached: [Double] = []
    // First the object whose best proposal is best, of several the first one.
    while let next = waiting.indices.max(by: {
      let (a, b) = (waiting[$0].best?.overlap ?? 0, waiting[$1].best?.overlap ?? 0)
      return a != b ? a < b : $0 > $1
    }), let taken = waiting[next].best {
      reached.append(taken.overlap)
      isFree[taken.row] = false
      waiting.remove(at: next)
      for index in waiting.indices where waiting[index].best?.row == taken.row {
        waiting[index].best = best(waiting[index].column)
      }
    }
    return (
      objectsToFind.count, COCOEvaluation.thresholds.map { threshold in reached.count { $0 >= threshold } }
    )
  }
}
