package import Datasets
package import Files
internal import Imaging

/// What an image adds to the statistics of its dataset, in whole numbers.
package struct ImageStatistics: Sendable, Equatable {
  /// What is known of a mask that has a pixel.
  struct Mask: Sendable, Equatable {
    var area: Int
    /// Twice the area of the convex hull of all pixels' corners.
    var doubledHullArea: Int
    /// The cell of a ``HeatMap`` that holds the centroid.
    var cell: Int
  }

  /// The image's name.
  package let name: String
  let width: Int, height: Int
  let masks: [Mask]
  /// Masks without a pixel.
  let emptyMasks: Int
  /// Pixels that any mask covers.
  let covered: Int

  /// How many masks have a pixel.
  package var maskCount: Int { masks.count }

  /// Cells of the map of centres in a row.
  static let cells = 32
}

extension ImageStatistics {
  /// Looks at an image's masks.
  package init(_ sample: DatasetSample) {
    var masks: [Mask] = []
    var empty = 0
    var covered: [UInt64] = []
    for annotation in sample.annotations {
      let mask = BitMask(annotation.mask)
      guard let shape = MaskShape(mask) else {
        empty += 1
        continue
      }
      let cell = shape.cell(ofCentroidIn: Self.cells)
      masks.append(
        Mask(
          area: shape.area, doubledHullArea: shape.doubledHullArea,
          cell: cell.row * Self.cells + cell.column))
      covered = covered.isEmpty ? mask.words : zip(covered, mask.words).map { $0 | $1 }
    }
    self.init(
      name: sample.name, width: sample.width, height: sample.height, masks: masks, emptyMasks: empty,
      covered: covered.reduce(0) { $0 + $1.nonzeroBitCount })
  }
}

extension ImageStatistics: KeptResult {
  package init?(journal: JSONValue) {
    guard let name = journal["name"]?.text, let width = journal["width"]?.integer,
      let height = journal["height"]?.integer, let empty = journal["empty"]?.integer,
      let covered = journal["covered"]?.integer, let numbers = journal["masks"]?.integers,
      numbers.count % 3 == 0, width > 0, height > 0
    else { return nil }
    let masks = stride(from: 0, to: numbers.count, by: 3).map {
      Mask(area: numbers[$0], doubledHullArea: numbers[$0 + 1], cell: numbers[$0 + 2])
    }
    guard masks.allSatisfy({ $0.area > 0 && (0..<Self.cells * Self.cells).contains($0.cell) }) else {
      return nil
    }
    self.init(
      name: name, width: width, height: height, masks: masks, emptyMasks: empty, covered: covered)
  }

  package var journal: JSONText {
    .object([
      ("name", .string(name)), ("width", .integer(width)), ("height", .integer(height)),
      ("empty", .integer(emptyMasks)), ("covered", .integer(covered)),
      (
        "masks",
        .array(
          masks.flatMap { [.integer($0.area), .integer($0.doubledHullArea), .integer($0.cell)] })
      ),
    ])
  }
}
