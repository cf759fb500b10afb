import Files
import Imaging

/// A file of points that everything mode asks about: `[[x, y], …]`, or one such list for each layer of crops. The numbers are parts of the
/// image's width and height.
struct PointGridFile {
  /// One list for each layer, that of the whole image first.
  let grids: [[Point]]

  /// - Throws: ``PromptFileError`` with the line and column, or `FileError`.
  init(contentsOfFile path: String) throws {
    let bytes = try MappedFile(path: path).withBytes { [UInt8]($0) }
    let result = bytes.withUnsafeBytes { buffer in
      Result { () throws(JSONScanner.Failure) in
        var scanner = JSONScanner(buffer)
        let grids = try PointGridFile.grids(&scanner)
        try scanner.expectEnd()
        return grids
      }
    }
    do {
      grids = try result.get()
    } catch {
      throw PromptFileError(file: path, bytes: bytes, failure: error)
    }
  }

  private static func grids(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) -> [[Point]] {
    var grids: [[Point]] = []
    var points: [Point] = []
    try scanner.array { (scanner) throws(JSONScanner.Failure) in
      var numbers: [Double] = []
      var grid: [Point] = []
      try scanner.array { (scanner) throws(JSONScanner.Failure) in
        if scanner.peek() == UInt8(ascii: "[") {
          grid.append(try point(&scanner))
        } else {
          numbers.append(try scanner.number())
        }
      }
      switch (numbers.count, grid.isEmpty) {
      case (0, _): grids.append(grid)
      case (2, true): points.append(try checked(numbers[0], numbers[1], scanner))
      default: throw scanner.failure("expected a point [x, y] or a list of points")
      }
      if !grids.isEmpty, !points.isEmpty {
        throw scanner.failure("a list holds points, or a list for each layer, not both")
      }
    }
    if grids.isEmpty { grids = [points] }
    guard grids.contains(where: { !$0.isEmpty }) else { throw scanner.failure("no points") }
    return grids
  }

  private static func point(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) -> Point {
    var numbers: [Double] = []
    try scanner.array { (scanner) throws(JSONScanner.Failure) in numbers.append(try scanner.number()) }
    guard numbers.count == 2 else { throw scanner.failure("expected a point [x, y]") }
    return try checked(numbers[0], numbers[1], scanner)
  }

  private static func checked(
    _ x: Double, _ y: Double, _ scanner: JSONScanner
  ) throws(JSONScanner.Failure) -> Point {
    guard (0...1).contains(x), (0...1).contains(y) else {
      throw scanner.failure("a point's numbers are parts of the image, from 0 to 1")
    }
    return Point(x: x, y: y)
  }
}
