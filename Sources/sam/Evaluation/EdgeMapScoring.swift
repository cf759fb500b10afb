import Datasets
import Evaluation
import Files
import Imaging

/// Scores edge maps that are there already.
struct EdgeMapScoring {
  let source: BoundaryFolder
  let matcher: EdgeMatcher
  let suppression: EdgeSuppression
  private let folder: String
  /// The maps' files by name.
  private let files: [String: String]

  init(source: BoundaryFolder, maps: String, matcher: EdgeMatcher, suppression: EdgeSuppression) throws {
    (self.source, self.matcher, self.suppression) = (source, matcher, suppression)
    folder = maps
    files = try BoundaryFolder.pictures(in: maps)
  }

  /// What the maps' files hold, which kept results depend on.
  var digest: String {
    get throws {
      var digest = SHA256()
      for (name, path) in files.sorted(by: { $0.key < $1.key }) {
        Array(name.utf8).withUnsafeBytes { digest.update($0) }
        try MappedFile(path: path).withBytes { digest.update($0) }
      }
      return digest.hexadecimal
    }
  }

  /// The counts of images; what cannot be scored is told of.
  func run(_ run: ImageRun, _ chosen: [Int]) throws -> [EdgeImageResult] {
    try run.begin(source)
    var results: [EdgeImageResult] = []
    for index in chosen {
      try run.checkStop()
      do {
        let name = try source.name(at: index)
        if let kept: EdgeImageResult = run.kept(source.name, name) {
          results.append(kept)
          run.advance(wasKept: true)
          continue
        }
        let result = try result(at: index)
        try run.keep(source.name, name, result)
        results.append(result)
      } catch let error as EvaluationError {
        // What cannot be kept ends the run.
        throw error
      } catch {
        run.skip(error)
      }
      run.advance()
    }
    run.clear()
    var names = Set<String>()
    for index in 0..<source.count { names.insert(try source.name(at: index)) }
    let extra = files.keys.count { !names.contains($0) }
    if extra > 0 {
      run.tell(
        extra == 1
          ? "1 map in \(folder) has no truth and does not count"
          : "\(extra) maps in \(folder) have no truth and do not count")
    }
    return results
  }

  /// The map of an image, for a report.
  func map(at result: EdgeImageResult) -> GrayMap? {
    files[result.name].flatMap { try? map(contentsOfFile: $0) }
  }

  private func result(at index: Int) throws -> EdgeImageResult {
    let name = try source.name(at: index)
    let truth = try source.truth(at: index)
    guard let path = files[name] else { throw CommandError.missingInput("\(folder)/\(name).png") }
    let map = try map(contentsOfFile: path)
    guard map.width == truth.width, map.height == truth.height else {
      throw CommandError.edgeMapSize(
        map: path, width: map.width, height: map.height, truth: try source.truthPath(at: index),
        truthWidth: truth.width, truthHeight: truth.height)
    }
    return EdgeImageResult(
      name: name, index: index, counts: matcher.counts(of: map, truth: truth.annotators))
  }

  private func map(contentsOfFile path: String) throws -> GrayMap {
    let map = try GrayMap(contentsOfFile: path)
    guard suppression == .dollar else { return map }
    guard let suppressed = EdgeStrength(map).suppressedByCurvature().map(maximum: map.maximum) else {
      throw CommandError.noEdgeMap(image: path)
    }
    return suppressed
  }
}
