public import Datasets
public import Files
public import SegmentAnything

/// Why an evaluation cannot go on.
public enum EvaluationError: Error, Sendable {
  /// A file or folder could not be read or written.
  case file(FileError)
  /// A dataset or sample is damaged.
  case dataset(DatasetError)
  /// The model refuses a prompt or an embedding.
  case model(SAMError)
  /// A kept embedding is of a picture of another size than the dataset's.
  case otherImage(path: String, width: Int, height: Int, imageWidth: Int, imageHeight: Int)
  /// A journal has a line, counted from 1, that cannot be understood.
  case damagedJournal(path: String, line: Int)
  /// A journal was begun by another evaluation, or with another setting.
  case madeOtherwise(path: String, setting: String, there: String, here: String)
}
