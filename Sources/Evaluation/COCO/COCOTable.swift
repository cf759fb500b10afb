internal import Datasets
internal import Tensors

/// Truth and results by category and image.
struct COCOTable {
  /// The objects of one category in one image, as positions.
  struct Cell {
    /// The image, as a place in the truth's list.
    var image = 0
    /// The category, as a place in ``categories``.
    var category = 0
    var truth: [Int] = []
    var results: [Int] = []
  }

  /// Numbers of the categories, ascending; one stands for all where they do not matter.
  let categories: [Int]
  /// Cells that hold anything, by category, then by the image's number.
  private(set) var cells: [Cell] = []
  /// Which cells belong to each category.
  private(set) var ranges: [Range<Int>] = []
  /// Objects and results of categories that are not listed.
  private(set) var ignoredTruth = 0, ignoredResults = 0

  init(truth: COCOInstances, results: [COCOInstance], byCategory: Bool) {
    var seen = Set<Int>()
    let listed = truth.categories.map(\.id).filter { seen.insert($0).inserted }
    categories = byCategory ? listed : [0]
    let places = Dictionary(uniqueKeysWithValues: listed.enumerated().map { ($1, $0) })
    let images = Dictionary(
      truth.pictures.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })

    /// Positions of instances in the order of category and image, each with the number of its cell.
    func sorted(_ instances: [COCOInstance], ignored: inout Int) -> [(cell: Int, position: Int)] {
      var keys: [(cell: Int, order: Int, position: Int)] = []
      keys.reserveCapacity(instances.count)
      for (position, instance) in instances.enumerated() {
        guard let image = images[instance.image] else {
          ignored += 1
          continue
        }
        if !byCategory {
          // Objects of an image follow one another in the order of the categories' numbers.
          keys.append((image, instance.category, position))
        } else if let category = places[instance.category] {
          keys.append((category * images.count + image, 0, position))
        } else {
          ignored += 1
        }
      }
      keys.sort { ($0.cell, $0.order, $0.position) < ($1.cell, $1.order, $1.position) }
      return keys.map { ($0.cell, $0.position) }
    }
    var (unlistedTruth, unlistedResults) = (0, 0)
    let truthKeys = sorted(truth.instances, ignored: &unlistedTruth)
    let resultKeys = sorted(results, ignored: &unlistedResults)
    (ignoredTruth, ignoredResults) = (unlistedTruth, unlistedResults)

    var (t, r) = (0, 0)
    for category in categories.indices {
      let begin = cells.count
      let end = (category + 1) * images.count
      while true {
        let next = min(
          t < truthKeys.count ? truthKeys[t].cell : .max, r < resultKeys.count ? resultKeys[r].cell : .max)
        guard next < end else { break }
        var cell = Cell(image: next % max(1, images.count), category: category)
        while t < truthKeys.count, truthKeys[t].cell == next {
          cell.truth.append(truthKeys[t].position)
          t += 1
        }
        while r < resultKeys.count, resultKeys[r].cell == next {
          cell.results.append(resultKeys[r].position)
          r += 1
        }
        cells.append(cell)
      }
      ranges.append(begin..<cells.count)
    }
  }
}

extension COCOTable {
  /// What the results come to, category by category; the same for any number of threads.
  ///
  /// - Parameters:
  ///   - detections: how many results of an image count; see ``COCOCurves``.
  ///   - match: matches a cell's results with its truth.
  func curves(
    detections: [Int], on compute: Compute, matching match: @Sendable (Cell) -> COCOMatches
  ) -> [COCOCurves] {
    // Many cells are tiny: threads take them by the hundred.
    let matches = compute.results(of: cells.count, block: 128) { match(cells[$0]) }
    return compute.results(of: categories.count, block: 1) { category in
      COCOCurves(Array(matches[ranges[category]]), detections: detections)
    }
  }
}

extension Compute {
  /// The results of numbered tasks, in order; threads take a block of tasks at a time.
  fileprivate func results<Result: Sendable>(
    of count: Int, block: Int, _ task: @Sendable (Int) -> Result
  ) -> [Result] {
    var results = [Result?](repeating: nil, count: count)
    results.withUnsafeMutableBufferPointer { results in
      nonisolated(unsafe) let slots = results
      forEach((count + block - 1) / block) { number in
        for index in number * block..<min((number + 1) * block, count) { slots[index] = task(index) }
      }
    }
    return results.compactMap { $0 }
  }
}
