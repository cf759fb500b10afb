/// Which pixels count as neighbours.
public enum Connectivity: Sendable, Hashable {
  /// Left, right, above and below.
  case four
  /// Diagonal ones as well.
  case eight
}

/// The connected parts of a mask.
public struct ConnectedComponents: Sendable {
  /// height x width values: 0 outside the mask, else the component's number from 1 on, in the order in which
  /// the components are met row by row.
  public let labels: [Int32]
  /// Pixels of each component; component n is at index n - 1.
  public let areas: [Int]
  /// The smallest box around each component; component n is at index n - 1.
  public let boxes: [PixelBox]

  /// How many components there are.
  public var count: Int { areas.count }
}

extension Mask {
  /// Labels the connected parts of the mask.
  ///
  /// Runs of each row are joined with those they touch in the row above by union-find (Rosenfeld and Pfaltz,
  /// 1966), so the time goes with the number of runs and the labels' memory.
  public func connectedComponents(_ connectivity: Connectivity = .eight) -> ConnectedComponents {
    let reach = connectivity == .eight ? 1 : 0
    var runs: [RowRun] = []
    var sets = DisjointSets()
    var above = 0..<0
    for y in 0..<height {
      let start = runs.count
      appendRuns(ofRow: y, to: &runs)
      var candidate = above.lowerBound
      for index in start..<runs.count {
        sets.add()
        // Both rows are sorted, so runs above that end before this one begins are done with.
        while candidate < above.upperBound, runs[candidate].end + reach <= runs[index].start {
          candidate += 1
        }
        var other = candidate
        while other < above.upperBound, runs[other].start < runs[index].end + reach {
          sets.join(index, other)
          other += 1
        }
      }
      above = start..<runs.count
    }
    return components(of: runs, &sets)
  }

  private struct RowRun {
    let y: Int
    let start: Int
    let end: Int
  }

  private func appendRuns(ofRow y: Int, to runs: inout [RowRun]) {
    bits.withUnsafeBufferPointer { bits in
      let end = (y + 1) * width
      var index = y * width
      while index < end {
        guard bits[index] == 1 else {
          index += 1
          continue
        }
        let start = index
        while index < end, bits[index] == 1 { index += 1 }
        runs.append(RowRun(y: y, start: start - y * width, end: index - y * width))
      }
    }
  }

  private func components(of runs: [RowRun], _ sets: inout DisjointSets) -> ConnectedComponents {
    var labels = [Int32](repeating: 0, count: bits.count)
    var areas: [Int] = []
    var bounds: [(left: Int, top: Int, right: Int, bottom: Int)] = []
    var numbers = [Int](repeating: -1, count: runs.count)
    for (index, run) in runs.enumerated() {
      let root = sets.root(of: index)
      if numbers[root] < 0 {
        numbers[root] = areas.count
        areas.append(0)
        bounds.append((run.start, run.y, run.end, run.y + 1))
      }
      let number = numbers[root]
      areas[number] += run.end - run.start
      bounds[number].left = min(bounds[number].left, run.start)
      bounds[number].right = max(bounds[number].right, run.end)
      bounds[number].bottom = run.y + 1
      let label = Int32(number + 1)
      for position in run.y * width + run.start..<run.y * width + run.end { labels[position] = label }
    }
    let boxes = bounds.map {
      PixelBox(x: $0.left, y: $0.top, width: $0.right - $0.left, height: $0.bottom - $0.top)
    }
    return ConnectedComponents(labels: labels, areas: areas, boxes: boxes)
  }
}

/// Union-find with path halving; the smaller number becomes the root.
struct DisjointSets {
  private var parents: [Int] = []

  mutating func add() { parents.append(parents.count) }

  mutating func root(of element: Int) -> Int {
    var element = element
    while parents[element] != element {
      parents[element] = parents[parents[element]]
      element = parents[element]
    }
    return element
  }

  mutating func join(_ first: Int, _ second: Int) {
    let first = root(of: first)
    let second = root(of: second)
    parents[max(first, second)] = min(first, second)
  }
}
