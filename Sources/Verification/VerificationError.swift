internal import Checkpoints
internal import Datasets
internal import Files
internal import Imaging
internal import SegmentAnything

/// Why something could not be compared; each names the file at fault.
enum VerificationError: Error {
  case file(FileError)
  case checkpoint(CheckpointError)
  case image(ImageError)
  case model(SAMError)
  case dataset(DatasetError)
  /// JSON that cannot be read.
  case json(path: String, problem: String, offset: Int)
  /// JSON that says something else than expected; `place` is the way to the value.
  case value(path: String, place: String, expected: String)
  /// A tensor that is not in a file.
  case noTensor(path: String, name: String)
  /// A tensor of another shape than the values it should be compared with.
  case shape(path: String, name: String, shape: [Int], expected: String)
  /// A tensor of another element type.
  case type(path: String, name: String, type: String, expected: String)
  /// A file that the folder should have.
  case missing(path: String, what: String)
  /// Something that does not fit the rest of the folder.
  case inconsistent(path: String, what: String)
}
