public import Imaging

/// A picture that was made, and the masks of everything in it.
public struct SyntheticScene: Sendable, Equatable {
  /// The picture.
  public let image: Image
  /// What is seen of each thing and part: wholes before their parts. A whole's mask includes its parts'.
  public let masks: [RunLengthMask]
  /// For each mask the position of the mask that it is part of; nil for wholes.
  public let wholes: [Int?]

  init(_ image: Image, _ painter: ScenePainter) {
    self.image = image
    let runs = VisibleRuns(painter)
    var areas = painter.nodes.map { _ in 0 }
    // A part's pixels are its whole's, too; parts come after their wholes.
    for (node, own) in runs.ownAreas.enumerated() {
      var at: Int? = node
      while let current = at {
        areas[current] += own
        at = painter.nodes[current].parent
      }
    }
    let picture = painter.width * painter.height
    let smallest = max(20, picture / 1600)
    var masks: [RunLengthMask] = []
    var wholes: [Int?] = []
    var places = painter.nodes.map { _ in Int?.none }
    for (node, counts) in runs.counts.enumerated() {
      let area = areas[node]
      // What a kept whole covers but for a sliver is that whole; what is hidden but for a scrap is nothing.
      var above = painter.nodes[node].parent
      while let current = above, places[current] == nil { above = painter.nodes[current].parent }
      let isWhole = above.map { areas[$0] * 9 < area * 10 } ?? false
      let isHidden =
        runs.ownAreas[node] * 6 < painter.nodes[node].painted && area * 6 < painter.nodes[node].painted
      guard area >= smallest, area * 100 <= picture * 95, !isWhole, !isHidden else { continue }
      places[node] = masks.count
      masks.append(RunLengthMask(trusted: counts, width: painter.width, height: painter.height))
      wholes.append(above.flatMap { places[$0] })
    }
    self.masks = masks
    self.wholes = wholes
  }
}

/// The runs of all nodes, from one walk down the columns.
private struct VisibleRuns {
  /// Run lengths by node.
  private(set) var counts: [[UInt32]]
  /// Pixels that show the node itself, not a part of it.
  private(set) var ownAreas: [Int]

  init(_ painter: ScenePainter) {
    let nodes = painter.nodes
    counts = nodes.map { _ in [] }
    ownAreas = nodes.map { _ in 0 }
    // Where each node's present run began.
    var begins = nodes.map { _ in 0 }
    // For each node, itself and all that it is part of.
    var paths: [[Int]] = []
    for (number, node) in nodes.enumerated() {
      paths.append([number] + (node.parent.map { paths[$0] } ?? []))
    }
    let (width, height) = (painter.width, painter.height)
    var last: UInt16 = 0
    func change(_ node: Int, at position: Int) {
      counts[node].append(UInt32(position - begins[node]))
      begins[node] = position
    }
    painter.owners.withUnsafeBufferPointer { owners in
      var position = 0
      for x in 0..<width {
        for y in 0..<height {
          let owner = owners[y * width + x]
          if owner != 0 { ownAreas[Int(owner) - 1] += 1 }
          if owner != last {
            let before = last == 0 ? [] : paths[Int(last) - 1]
            let now = owner == 0 ? [] : paths[Int(owner) - 1]
            for node in before where !now.contains(node) { change(node, at: position) }
            for node in now where !before.contains(node) { change(node, at: position) }
            last = owner
          }
          position += 1
        }
      }
    }
    // The last run reaches to the end, unless it would be empty.
    let total = width * height
    for node in nodes.indices where begins[node] < total { counts[node].append(UInt32(total - begins[node])) }
  }
}
