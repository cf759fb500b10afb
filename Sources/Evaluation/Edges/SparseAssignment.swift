/// The cheapest assignment of rows to columns along the edges of a sparse bipartite graph, where a row may also stay
/// alone at a fixed price.
///
/// The successive shortest path method with potentials (Jonker and Volgenant 1987) on adjacency lists: a row that is still
/// to be placed looks for the cheapest way to a free column, or to a row that had better be left alone, by Dijkstra's
/// algorithm over reduced costs. Searches end at the first column or row that is reached, and so stay local. The result is a
/// global optimum in whole numbers; which of several optima it is follows from the order of rows and edges alone.
///
/// An object is a workspace: solving another problem reuses its memory, and nothing is allocated while it is solved but for
/// the first problems' growth. One thread at a time.
final class SparseAssignment {
  /// The edges of a problem: those of row r are at `starts[r]..<starts[r + 1]`, cheapest first.
  struct Edges {
    var starts: [Int32] = []
    var columns: [Int32] = []
    var costs: [Int32] = []
    /// How many columns there are.
    var columnCount = 0

    var rowCount: Int { max(0, starts.count - 1) }
  }

  // Potentials: u(row) + v(column) ≤ cost, with equality where they are matched; v ≤ 0, and 0 for a free column.
  private let rowPotential = Numbers(), columnPotential = Numbers()
  private let columnOfRow = Numbers(), rowOfColumn = Numbers()
  // The state of one search: distances and the rows from which columns were reached, valid where the stamp is the search's.
  private let distance = Numbers(), from = Numbers(), stamp = Numbers()
  private var settled: [Int32] = []
  private var heap: [UInt64] = []

  /// Solves a problem.
  ///
  /// - Parameter alone: what a row that stays alone costs, in the edges' unit; at least 0.
  /// - Returns: the column of each row, -1 for a row that stays alone; valid until the next problem is solved.
  func solve(_ edges: Edges, alone: Int32) -> UnsafeBufferPointer<Int32> {
    let rows = edges.rowCount
    for numbers in [rowPotential, columnOfRow] { numbers.fill(rows, with: -1) }
    for numbers in [rowOfColumn, columnPotential, distance, from, stamp] {
      numbers.fill(edges.columnCount, with: numbers === columnPotential ? 0 : -1)
    }
    edges.starts.withUnsafeBufferPointer { starts in
      edges.columns.withUnsafeBufferPointer { columns in
        edges.costs.withUnsafeBufferPointer { costs in
          let problem = Problem(starts: starts, columns: columns, costs: costs, alone: alone)
          matchNearest(problem)
          for row in 0..<rows where columnOfRow[row] < 0 && starts[row] < starts[row + 1] {
            place(Int32(row), problem)
          }
        }
      }
    }
    return UnsafeBufferPointer(start: columnOfRow.base, count: rows)
  }

  private struct Problem {
    let starts: UnsafeBufferPointer<Int32>
    let columns: UnsafeBufferPointer<Int32>
    let costs: UnsafeBufferPointer<Int32>
    let alone: Int32

    @inline(__always)
    func edges(of row: Int32) -> Range<Int> { Int(starts[Int(row)])..<Int(starts[Int(row) + 1]) }
  }

  /// Gives every row the cheapest column where that is free; a start that leaves little to do.
  private func matchNearest(_ problem: Problem) {
    for row in 0..<max(0, problem.starts.count - 1) {
      let edges = problem.edges(of: Int32(row))
      guard let first = edges.first else {
        rowPotential[row] = problem.alone
        continue
      }
      let least = min(problem.costs[first], problem.alone)
      rowPotential[row] = least
      for edge in edges {
        guard problem.costs[edge] == least else { break }
        let column = Int(problem.columns[edge])
        guard rowOfColumn[column] < 0 else { continue }
        rowOfColumn[column] = Int32(row)
        columnOfRow[row] = Int32(column)
        break
      }
    }
  }

  /// Finds the cheapest way to place a row: itself or, along a way of exchanges, another row at a free column or alone.
  private func place(_ first: Int32, _ problem: Problem) {
    heap.removeAll(keepingCapacity: true)
    settled.removeAll(keepingCapacity: true)
    var row = first
    var reached: Int32 = 0
    // The best end so far: a free column, or the row that is left alone.
    var least = Int32.max
    var freeColumn: Int32 = -1
    var loneRow: Int32 = -1
    while true {
      let base = reached - rowPotential[Int(row)]
      // Of equal ways, one to a column is taken: the larger matching.
      if base + problem.alone < least {
        least = base + problem.alone
        (freeColumn, loneRow) = (-1, row)
      }
      for edge in problem.edges(of: row) {
        let cost = base + problem.costs[edge]
        // Potentials of columns only make ways longer, and the edges that follow are dearer still.
        if cost > least { break }
        let column = Int(problem.columns[edge])
        let way = cost - columnPotential[column]
        if way > least { continue }
        if rowOfColumn[column] < 0 {
          guard way < least || freeColumn < 0 else { continue }
          least = way
          (freeColumn, loneRow) = (Int32(column), -1)
          from[column] = row
        } else if way < least, stamp[column] != first || way < distance[column] {
          stamp[column] = first
          distance[column] = way
          from[column] = row
          push(UInt64(UInt32(way)) << 32 | UInt64(UInt32(column)))
        }
      }
      guard let next = popNearest(below: least) else { break }
      settled.append(next)
      row = rowOfColumn[Int(next)]
      reached = distance[Int(next)]
    }
    for column in settled {
      let gain = least - distance[Int(column)]
      columnPotential[Int(column)] -= gain
      rowPotential[Int(rowOfColumn[Int(column)])] += gain
    }
    rowPotential[Int(first)] += least
    exchange(first, freeColumn: freeColumn, loneRow: loneRow)
  }

  /// Moves the rows along the way that was found.
  private func exchange(_ first: Int32, freeColumn: Int32, loneRow: Int32) {
    var column = freeColumn
    if loneRow >= 0 {
      column = columnOfRow[Int(loneRow)]
      columnOfRow[Int(loneRow)] = -1
      // The row itself stays alone.
      guard column >= 0 else { return }
    }
    while true {
      let row = from[Int(column)]
      let left = columnOfRow[Int(row)]
      columnOfRow[Int(row)] = column
      rowOfColumn[Int(column)] = row
      guard row != first else { return }
      column = left
    }
  }

  // MARK: - Columns by distance, nearest first: a heap of four children

  private func push(_ item: UInt64) {
    var at = heap.count
    heap.append(item)
    heap.withUnsafeMutableBufferPointer { heap in
      while at > 0 {
        let parent = (at - 1) >> 2
        guard item < heap[parent] else { break }
        heap[at] = heap[parent]
        at = parent
      }
      heap[at] = item
    }
  }

  private func pop() -> UInt64? {
    guard let top = heap.first else { return nil }
    let item = heap.removeLast()
    guard !heap.isEmpty else { return top }
    heap.withUnsafeMutableBufferPointer { heap in
      var at = 0
      while true {
        var best = 4 * at + 1
        guard best < heap.count else { break }
        for other in best + 1..<max(best + 1, min(best + 4, heap.count)) where heap[other] < heap[best] {
          best = other
        }
        guard heap[best] < item else { break }
        heap[at] = heap[best]
        at = best
      }
      heap[at] = item
    }
    return top
  }

  /// The next column to settle, unless none is nearer than the best end.
  private func popNearest(below least: Int32) -> Int32? {
    while let item = pop() {
      let way = Int32(truncatingIfNeeded: item >> 32)
      guard way < least else { return nil }
      let column = Int32(truncatingIfNeeded: item)
      // An entry that a nearer one has overtaken is passed over.
      if distance[Int(column)] == way { return column }
    }
    return nil
  }
}

/// Memory for whole numbers that is kept from one problem to the next.
private final class Numbers {
  private(set) var base = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
  private var capacity = 1

  deinit { base.deallocate() }

  /// Makes room for so many numbers of one value.
  func fill(_ count: Int, with value: Int32) {
    if count > capacity {
      base.deallocate()
      capacity = max(count, 2 * capacity)
      base = .allocate(capacity: capacity)
    }
    base.initialize(repeating: value, count: count)
  }

  @inline(__always)
  subscript(index: Int) -> Int32 {
    get { base[index] }
    _modify { yield &base[index] }
  }
}
