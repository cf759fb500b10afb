public import Datasets
internal import Tensors

/// Scores detections as the benchmark of LVIS does (Gupta et al. 2019; the rules of the package `lvis`).
///
/// LVIS is federated: an image has been searched for some categories only. A result counts where its category is marked in
/// the image or known to be absent; where not all objects of its category are marked, a result without an object is no
/// error. The rest is COCO's, without crowds, and with one limit on an image's results of all categories together.
///
/// ```swift
/// let truth = try COCOInstances(annotations: "lvis_v1_val.json", masks: true)
/// let found = try truth.results(contentsOfFile: "results.json", masks: true)
/// let scores = LVISEvaluation(truth: truth, results: found, kind: .masks).scores
/// ```
public struct LVISEvaluation: Sendable {
  /// Which results count.
  public enum Limit: Sendable, Hashable {
    /// The best of each image; 300 officially.
    case perImage(Int)
    /// The best of each category in all images, as for "fixed AP" (Dave et al. 2021); 10,000 there.
    case perCategory(Int)

    /// The official one.
    public static let standard = Limit.perImage(300)
    /// That of fixed AP.
    public static let fixed = Limit.perCategory(10_000)
  }

  /// What came of it.
  public let scores: LVISScores

  /// Compares results with the truth.
  ///
  /// - Parameters:
  ///   - truth: with masks where masks are compared, and with LVIS's lists of each image.
  ///   - results: of images of the truth.
  ///   - kind: what IoU is taken of.
  ///   - limit: which results count.
  ///   - threads: threads to use at most; nil for all processors.
  public init(
    truth: COCOInstances, results: [COCOInstance], kind: COCOEvaluation.Kind, limit: Limit = .standard,
    threads: Int? = nil
  ) {
    let compute = threads.map { Compute(threads: $0) } ?? .shared
    let federation = Federation(truth)
    let listed = Set(truth.categories.map(\.id))
    let counted = Self.limited(results, limit)
    let judged = counted.filter { federation.judges($0) }
    let table = COCOTable(truth: truth, results: judged, byCategory: true)
    let curves = table.curves(detections: [.max], on: compute) { cell in
      COCOMatches(
        truth: cell.truth.map { place in
          var object = truth.instances[place]
          // LVIS has no crowds.
          object.isCrowd = false
          return object
        },
        results: cell.results.map { judged[$0] }, kind: kind, most: .max,
        isExhaustive: federation.isExhaustive(
          category: table.categories[cell.category], image: truth.pictures[cell.image].id))
    }
    scores = LVISScores(
      COCOScores(
        categories: truth.categories, curves: curves, ignoredTruth: table.ignoredTruth,
        ignoredResults: results.count { !listed.contains($0.category) }),
      limit: limit, overLimit: results.count - counted.count,
      unjudged: counted.count { listed.contains($0.category) } - judged.count { listed.contains($0.category) }
    )
  }

  /// The results that count, in the order given.
  private static func limited(_ results: [COCOInstance], _ limit: Limit) -> [COCOInstance] {
    let most: Int
    let groups: [Int: [Int]]
    switch limit {
    case .perImage(let count):
      most = count
      groups = Dictionary(grouping: results.indices) { results[$0].image }
    case .perCategory(let count):
      most = count
      groups = Dictionary(grouping: results.indices) { results[$0].category }
    }
    var isDropped = [Bool](repeating: false, count: results.count)
    for group in groups.values where group.count > most {
      // Of equal scores the one given first stays.
      let order = group.sorted { (results[$1].score, $0) < (results[$0].score, $1) }
      for index in order[max(0, most)...] { isDropped[index] = true }
    }
    return results.indices.filter { !isDropped[$0] }.map { results[$0] }
  }
}

/// What each image has been searched for.
private struct Federation: Sendable {
  private struct Pair: Hashable {
    var image: Int, category: Int
  }

  private var judged = Set<Pair>()
  private var partial = Set<Pair>()

  init(_ truth: COCOInstances) {
    for object in truth.instances { judged.insert(Pair(image: object.image, category: object.category)) }
    for picture in truth.pictures {
      for category in picture.absentCategories { judged.insert(Pair(image: picture.id, category: category)) }
      for category in picture.partialCategories {
        partial.insert(Pair(image: picture.id, category: category))
      }
    }
  }

  func judges(_ result: COCOInstance) -> Bool {
    judged.contains(Pair(image: result.image, category: result.category))
  }

  func isExhaustive(category: Int, image: Int) -> Bool {
    !partial.contains(Pair(image: image, category: category))
  }
}
