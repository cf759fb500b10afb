public import Datasets
internal import Imaging
internal import Tensors

/// Scores detections as COCO's benchmark does (Lin et al. 2014; the rules of pycocotools): average precision and recall by
/// IoU thresholds, sizes and numbers of detections.
///
/// ```swift
/// let truth = try COCOInstances(annotations: "instances.json", masks: true)
/// let found = try truth.results(contentsOfFile: "results.json", masks: true)
/// let scores = COCOEvaluation(truth: truth, results: found, kind: .masks).scores
/// scores.summary[0].value  // AP
/// ```
public struct COCOEvaluation: Sendable {
  /// What IoU is taken of.
  public enum Kind: String, Sendable, CaseIterable {
    /// Masks, in runs.
    case masks
    /// Boxes.
    case boxes
  }

  /// IoU thresholds: .5, .55, … .95, as NumPy's `linspace` rounds them.
  public static let thresholds: [Double] = {
    let step = (0.95 - 0.5) / 9
    return (0..<9).map { Double($0) * step + 0.5 } + [0.95]
  }()
  /// Recalls at which precision is taken: 0, .01, … 1.
  public static let recalls: [Double] = (0...100).map { Double($0) * 0.01 }
  /// Detections of an image and category that count at most.
  public static let maximumDetections = [1, 10, 100]

  /// A range of areas in pixels; both ends belong to it.
  public struct AreaRange: Sendable, Equatable {
    /// What the summary calls it.
    public let name: String
    let range: ClosedRange<Double>
  }

  /// All, small (up to 32²), medium (up to 96²) and large.
  public static let areas = [
    AreaRange(name: "all", range: 0...1e10), AreaRange(name: "small", range: 0...1024),
    AreaRange(name: "medium", range: 1024...9216), AreaRange(name: "large", range: 9216...1e10),
  ]

  /// What came of it.
  public let scores: COCOScores

  /// Compares results with the truth.
  ///
  /// - Parameters:
  ///   - truth: with masks where masks are compared.
  ///   - results: of images of the truth. Those of categories that the truth does not list do not count; their number is
  ///     part of the scores.
  ///   - kind: what IoU is taken of.
  ///   - byCategory: whether a result must have its object's category; else all categories are one, listed or not.
  ///   - threads: threads to use at most; nil for all processors.
  public init(
    truth: COCOInstances, results: [COCOInstance], kind: Kind, byCategory: Bool = true, threads: Int? = nil
  ) {
    let compute = threads.map { Compute(threads: $0) } ?? .shared
    let table = COCOTable(truth: truth, results: results, byCategory: byCategory)
    let cells = table.cells
    var matches = [COCOMatches?](repeating: nil, count: cells.count)
    matches.withUnsafeMutableBufferPointer { matches in
      nonisolated(unsafe) let slots = matches
      // Many cells are tiny: threads take them by the hundred.
      let block = 128
      compute.forEach((cells.count + block - 1) / block) { task in
        for index in task * block..<min((task + 1) * block, cells.count) {
          slots[index] = COCOMatches(
            truth: cells[index].truth.map { truth.instances[$0] },
            results: cells[index].results.map { results[$0] }, kind: kind)
        }
      }
    }
    var curves = [COCOCurves?](repeating: nil, count: table.categories.count)
    curves.withUnsafeMutableBufferPointer { curves in
      nonisolated(unsafe) let slots = curves
      let matches = matches
      compute.forEach(table.categories.count) { category in
        slots[category] = COCOCurves(table.ranges[category].compactMap { matches[$0] })
      }
    }
    scores = COCOScores(
      categories: byCategory ? truth.categories : [], curves: curves.compactMap { $0 },
      ignoredTruth: table.ignoredTruth, ignoredResults: table.ignoredResults)
  }
}

/// Truth and results by category and image.
private struct COCOTable {
  /// The objects of one category in one image, as positions.
  struct Cell {
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
        var cell = Cell()
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
