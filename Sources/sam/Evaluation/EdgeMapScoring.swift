import ArgumentParser
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

  /// The counts of images, by position; what cannot be scored is told of and counted.
  func run(_ chosen: [Int]) throws -> (images: [EdgeImageResult], failed: Int) {
    let stop = StopSignal()
    var progress = ProgressLine("eval edges", unit: .images)
    var results: [EdgeImageResult] = []
    var failed = 0
    for (done, index) in chosen.enumerated() {
      if stop.isRaised {
        progress.clear()
        Console.note("stopped after \(done) of \(chosen.count) images")
        throw ExitCode(130)
      }
      do {
        results.append(try result(at: index))
      } catch {
        failed += 1
        progress.clear()
        Console.note("sam: \(error)")
      }
      progress.update(done + 1, of: chosen.count)
    }
    progress.clear()
    var names = Set<String>()
    for index in 0..<source.count { names.insert(try source.name(at: index)) }
    let extra = files.keys.filter { !names.contains($0) }
    if !extra.isEmpty {
      Console.note("\(extra.count) maps in \(folder) have no truth and do not count")
    }
    return (results, failed)
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
