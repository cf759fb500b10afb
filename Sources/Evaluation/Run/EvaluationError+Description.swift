internal import Datasets
internal import Files
internal import SegmentAnything

extension EvaluationError: CustomStringConvertible {
  /// One line that names the file.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .dataset(let error): error.description
    case .model(let error): "\(error)"
    case .otherImage(let path, let width, let height, let imageWidth, let imageHeight):
      "\(path): the embedding is of a picture of \(width) x \(height) pixels, the dataset's has \(imageWidth) x \(imageHeight)"
    case .damagedJournal(let path, let line):
      "\(path): line \(line) is damaged; remove the file to begin anew"
    case .madeOtherwise(let path, let setting, let there, let here):
      "\(path): was begun with another setting (\(setting) was \(there), now \(here)); name another folder"
    }
  }
}
