public import Imaging
internal import Synchronization
internal import Tensors

/// Compares edge maps with boundaries that people drew, as the Berkeley benchmark does (Martin et al. 2004; Arbeláez et al.
/// 2011): at each of many thresholds the map is thinned and matched one to one with each annotator's boundaries.
///
/// ```swift
/// let counts = EdgeMatcher().counts(of: map, truth: boundaries)
/// let scores = EdgeScores(images: [counts])
/// ```
public struct EdgeMatcher: Sendable {
  /// The benchmark's thresholds: .01, .02, … .99.
  public static let percents = Array(1...99)

  /// Thresholds in hundredths.
  public var percents: [Int]
  /// How far partners may be apart, as a share of the image's diagonal.
  public var share: Double
  private let compute: Compute

  /// A matcher.
  ///
  /// - Parameters:
  ///   - percents: thresholds in hundredths.
  ///   - share: how far partners may be apart, as a share of the diagonal; .0075 in the benchmark.
  ///   - threads: threads to use at most; nil for all processors. Results do not depend on it.
  public init(percents: [Int] = EdgeMatcher.percents, share: Double = 0.0075, threads: Int? = nil) {
    self.percents = percents
    self.share = share
    compute = threads.map { Compute(threads: $0) } ?? .shared
  }

  /// What was counted at a threshold.
  public struct Level: Sendable, Equatable {
    /// The benchmark's numbers.
    public var counts: EdgeCounts
    /// The distances of all pairs, in hundredths of a pixel, each rounded: what the matching makes as small as can be.
    public var distance: Int
  }

  /// The counts of one image at each threshold.
  ///
  /// - Parameters:
  ///   - map: edge strengths.
  ///   - truth: each annotator's boundaries, of the map's size; they are not thinned.
  public func levels(of map: GrayMap, truth: [BitMask]) -> [Level] {
    let annotators = truth.map(\.pixelPositions)
    let matching = BoundaryMatching(width: map.width, height: map.height, share: share)
    var results = [Level?](repeating: nil, count: percents.count)
    let workspaces = Mutex<[BoundaryMatching.Workspace]>([])
    results.withUnsafeMutableBufferPointer { results in
      nonisolated(unsafe) let slots = results
      compute.forEach(percents.count) { index in
        let binary = map.mask(atLeastPercent: percents[index])
        // A map with few values is the same at many thresholds: the first of them answers for all.
        if index > 0, binary == map.mask(atLeastPercent: percents[index - 1]) { return }
        let workspace = workspaces.withLock { $0.popLast() } ?? BoundaryMatching.Workspace()
        slots[index] = level(binary.thinned().pixelPositions, annotators, map, matching, workspace)
        workspaces.withLock { $0.append(workspace) }
      }
    }
    var levels: [Level] = []
    for result in results {
      levels.append(result ?? levels.last ?? Level(counts: EdgeCounts(), distance: 0))
    }
    return levels
  }

  /// The counts of one image at each threshold; see ``levels(of:truth:)``.
  public func counts(of map: GrayMap, truth: [BitMask]) -> [EdgeCounts] {
    levels(of: map, truth: truth).map(\.counts)
  }

  /// Matches two boundaries of one size, as one annotator's is matched at one threshold.
  public func match(_ boundary: BitMask, truth: BitMask) -> (matches: Int, distance: Int) {
    let matching = BoundaryMatching(width: truth.width, height: truth.height, share: share)
    let result = matching.match(
      boundary.pixelPositions, truth.pixelPositions, width: truth.width, height: truth.height,
      workspace: BoundaryMatching.Workspace())
    return (result.matches, result.distance)
  }

  private func level(
    _ pixels: [Int32], _ annotators: [[Int32]], _ map: GrayMap, _ matching: BoundaryMatching,
    _ workspace: BoundaryMatching.Workspace
  ) -> Level {
    var level = Level(counts: EdgeCounts(), distance: 0)
    level.counts.map = pixels.count
    var isHit = [Bool](repeating: false, count: pixels.count)
    for truth in annotators {
      let result = matching.match(
        pixels, truth, width: map.width, height: map.height, workspace: workspace
      ) { isHit[$0] = true }
      level.counts.matchedTruth += result.matches
      level.counts.truth += truth.count
      level.distance += result.distance
    }
    level.counts.matchedMap = isHit.count { $0 }
    return level
  }
}

extension BitMask {
  /// The pixels of the set as y · width + x, ascending.
  var pixelPositions: [Int32] {
    var positions: [Int32] = []
    positions.reserveCapacity(area)
    let perRow = wordsPerRow
    for y in 0..<height {
      for word in 0..<perRow {
        var bits = words[y * perRow + word]
        while bits != 0 {
          positions.append(Int32(y * width + word * 64 + bits.trailingZeroBitCount))
          bits &= bits - 1
        }
      }
    }
    return positions
  }
}
