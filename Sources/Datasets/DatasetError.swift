public import Files
public import Imaging

/// What went wrong with a dataset, by file.
public enum DatasetError: Error, Sendable, Equatable {
  /// A file or folder could not be read or written.
  case file(FileError)
  /// A picture could not be read.
  case image(ImageError)
  /// A file is no JSON of the form expected, at a byte of it.
  case json(path: String, problem: String, offset: Int)
  /// An image's record, or an annotation of it (counted from 0), says something impossible.
  case record(path: String, annotation: Int?, RecordProblem)
  /// A tar archive is damaged or of a kind that is not read, at a byte of it.
  case tar(path: String, problem: TarProblem, offset: Int)
  /// A MATLAB file is damaged, or of a kind that is not read.
  case matlab(path: String, MATLABProblem)
  /// A line (counted from 1) of a text file is not of the form expected.
  case text(path: String, line: Int, problem: String)
  /// Nothing in a folder or file is what a dataset of this kind consists of.
  case noSamples(path: String, expected: String)
  /// A picture has another size than its record says.
  case imageSize(path: String, width: Int, height: Int, recordWidth: Int, recordHeight: Int)
  /// An index beyond the dataset's end.
  case noSuchSample(name: String, index: Int, count: Int)
  /// A format cannot hold what was to be written.
  case cannotHold(path: String, format: String, problem: String)
}

/// What is impossible in a record.
public enum RecordProblem: Error, Sendable, Equatable {
  /// A field that must be there is not.
  case missing(String)
  /// A size that no image has, or that is beyond the limits.
  case size(width: Int, height: Int)
  /// The mask has another size than the image.
  case maskSize(width: Int, height: Int, imageWidth: Int, imageHeight: Int)
  /// The run lengths are wrong.
  case runs(RunLengthError)
  /// A polygon is wrong.
  case polygon(PolygonError)
  /// Polygons with more crossings of columns than any outline of an image has.
  case polygonTooComplex(crossings: Int)
  /// An annotation belongs to an image that is not listed.
  case unknownImage(id: Int)
  /// NaN or infinite where a number is needed: `a score`.
  case notANumber(String)
  /// Two images or annotations have the same number or name.
  case duplicate(String)
}

/// What is wrong with a tar archive.
public enum TarProblem: Error, Sendable, Equatable {
  /// A header's checksum does not fit its bytes.
  case checksum
  /// A field is no number.
  case number
  /// An entry or its name ends beyond the file.
  case truncated
  /// A compressed file, by its method's name.
  case compressed(String)
  /// An entry of a kind that is not read: a sparse file or a continuation.
  case unsupported(kind: Character)
  /// An extended header that is not well formed or too long.
  case extendedHeader
}
