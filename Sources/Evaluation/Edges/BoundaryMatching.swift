internal import Imaging

/// One-to-one matching of the pixels of two boundaries: the Berkeley benchmark's `correspondPixels`, exact.
///
/// Pixels are candidates for each other up to ``radius`` apart, equality included. A pair costs its distance, a pixel without
/// a partner a hundred radii, and the cheapest matching is found: in practice the largest one, and of these the shortest.
/// The original solves the same problem on a graph with random edges, which leaves a few pixels of every image unmatched that
/// need not be, others in each run. Nothing is random here: the number of pairs and the sum of their distances are what they
/// must be. Which of several equally near pixels is matched is not determined by that, and decides a little about how
/// many pixels of a map are matched by any annotator. A fixed shuffled order of the image's pixels settles it: an order by
/// rows would favour one side of every line, and move that number by a percent.
struct BoundaryMatching {
  /// How far partners may be apart, in pixels.
  let radius: Double
  /// What a pixel without partner costs, in hundredths of a pixel.
  let alone: Int32
  /// Steps to candidates, nearest first; of equal ones, rows from top to bottom.
  private let steps: [(dx: Int, dy: Int, cost: Int32)]

  /// The benchmark's share of the diagonal.
  static let standardShare = 0.0075

  /// For images of a size.
  ///
  /// - Parameter share: the radius as a share of the image's diagonal, 0...1; anything else is moved there.
  init(width: Int, height: Int, share: Double = BoundaryMatching.standardShare) {
    let share = share > 0 ? min(share, 1) : 0
    self.init(radius: share * Double(width * width + height * height).squareRoot())
  }

  init(radius: Double) {
    self.radius = radius
    alone = Int32((100 * 100 * radius).rounded(.up))
    let reach = Int(radius)
    var steps: [(dx: Int, dy: Int, cost: Int32)] = []
    for dy in -reach...reach {
      for dx in -reach...reach where Double(dx * dx + dy * dy) <= radius * radius {
        let distance = Double(dx * dx + dy * dy).squareRoot()
        steps.append((dx, dy, Int32((100 * distance).rounded(.toNearestOrEven))))
      }
    }
    self.steps = steps.enumerated().sorted { ($0.element.cost, $0.offset) < ($1.element.cost, $1.offset) }
      .map(\.element)
  }

  /// What a matching yields.
  struct Result: Equatable {
    /// Pairs.
    var matches = 0
    /// The sum of the pairs' distances in hundredths of a pixel, each rounded.
    var distance = 0
  }

  /// A workspace for many matchings, handed from thread to thread; one uses it at a time.
  final class Workspace: @unchecked Sendable {
    fileprivate let assignment = SparseAssignment()
    fileprivate var edges = SparseAssignment.Edges()
    /// The number of each pixel of the columns' boundary; -1 elsewhere.
    fileprivate var numbers: [Int32] = []
    /// The place of each of the columns' pixels in the shuffled order.
    fileprivate var ranks: [UInt64] = []
  }

  /// Matches two boundaries of one size.
  ///
  /// - Parameters:
  ///   - map: pixels of the first boundary as y · width + x, ascending.
  ///   - truth: those of the second.
  ///   - matched: called with each matched pixel of `map`, by its place there.
  func match(
    _ map: [Int32], _ truth: [Int32], width: Int, height: Int, workspace: Workspace,
    matched: (Int) -> Void = { _ in }
  ) -> Result {
    // The smaller side's pixels look for partners: fewer searches, and fewer that end with nothing.
    let mapIsRows = map.count < truth.count
    let (rows, columns) = mapIsRows ? (map, truth) : (truth, map)
    guard !rows.isEmpty else { return Result() }
    if workspace.numbers.count != width * height {
      workspace.numbers = [Int32](repeating: -1, count: width * height)
    }
    workspace.numbers.withUnsafeMutableBufferPointer { numbers in
      for (index, pixel) in columns.enumerated() { numbers[Int(pixel)] = Int32(index) }
    }
    workspace.ranks.removeAll(keepingCapacity: true)
    for pixel in columns { workspace.ranks.append(Self.rank(pixel)) }
    defer {
      workspace.numbers.withUnsafeMutableBufferPointer { numbers in
        for pixel in columns { numbers[Int(pixel)] = -1 }
      }
    }
    collect(rows, workspace, width: width, height: height)
    workspace.edges.columnCount = columns.count
    let columnOfRow = workspace.assignment.solve(workspace.edges, alone: alone)

    var result = Result()
    for (row, column) in columnOfRow.enumerated() where column >= 0 {
      result.matches += 1
      let edges = Int(workspace.edges.starts[row])..<Int(workspace.edges.starts[row + 1])
      for edge in edges where workspace.edges.columns[edge] == column {
        result.distance += Int(workspace.edges.costs[edge])
      }
      matched(mapIsRows ? row : Int(column))
    }
    return result
  }

  /// A pixel's place in a fixed shuffled order: the finishing steps of SplitMix64.
  private static func rank(_ pixel: Int32) -> UInt64 {
    var value = UInt64(truncatingIfNeeded: pixel) &* 0x9E37_79B9_7F4A_7C15
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }

  /// The candidates of every row, nearest first.
  private func collect(_ rows: [Int32], _ workspace: Workspace, width: Int, height: Int) {
    workspace.edges.starts.removeAll(keepingCapacity: true)
    workspace.edges.columns.removeAll(keepingCapacity: true)
    workspace.edges.costs.removeAll(keepingCapacity: true)
    workspace.edges.starts.append(0)
    let reach = Int(radius)
    workspace.numbers.withUnsafeBufferPointer { numbers in
      for pixel in rows {
        let (y, x) = Int(pixel).quotientAndRemainder(dividingBy: width)
        let isInside = x >= reach && y >= reach && x + reach < width && y + reach < height
        var groupStart = workspace.edges.columns.count
        for step in steps {
          let (column, row) = (x + step.dx, y + step.dy)
          guard isInside || column >= 0 && row >= 0 && column < width && row < height else { continue }
          let number = numbers[row * width + column]
          guard number >= 0 else { continue }
          // Equally near ones stand in the shuffled order; there are few of them.
          var at = workspace.edges.columns.count
          if at > groupStart, workspace.edges.costs[at - 1] != step.cost { groupStart = at }
          workspace.edges.columns.append(number)
          workspace.edges.costs.append(step.cost)
          while at > groupStart,
            workspace.ranks[Int(number)] < workspace.ranks[Int(workspace.edges.columns[at - 1])]
          {
            workspace.edges.columns.swapAt(at, at - 1)
            at -= 1
          }
        }
        workspace.edges.starts.append(Int32(workspace.edges.columns.count))
      }
    }
  }
}
