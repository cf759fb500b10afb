public import Files
internal import Imaging

/// Writes a file of results in COCO's form, one after the other: image, category, score and mask.
///
/// Boxes are left out: tools that find a box in such a file take the box's area for the mask's.
public struct COCOResultsWriter {
  private let sink: AtomicFile.Sink
  private var isEmpty = true

  /// A writer to a file being written.
  public init(_ sink: AtomicFile.Sink) throws(FileError) {
    self.sink = sink
    try sink.write(Array("[".utf8))
  }

  /// Adds a result, which has a mask.
  ///
  /// - Parameter further: more numbers by their keys, which COCO's tools pass over.
  public mutating func add(
    _ result: COCOInstance, further: [(key: String, value: Double)] = []
  ) throws(FileError) {
    guard let mask = result.mask else { return }
    let line = JSONText.object(
      [
        ("image_id", .integer(result.image)), ("category_id", .integer(result.category)),
        ("segmentation", .runs(mask)), ("score", .real(result.score)),
      ] + further.map { ($0.key, .real($0.value)) })
    try sink.write(Array(((isEmpty ? "\n" : ",\n") + line.line).utf8))
    isEmpty = false
  }

  /// Ends the file.
  public func finish() throws(FileError) { try sink.write(Array("\n]\n".utf8)) }

  /// Writes results to a file that is whole or, after an error, as it was.
  public static func write(_ results: [COCOInstance], to path: String) throws(FileError) {
    try AtomicFile.write(to: path) { (sink) throws(FileError) in
      var writer = try COCOResultsWriter(sink)
      for result in results { try writer.add(result) }
      try writer.finish()
    }
  }
}
