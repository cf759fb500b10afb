internal import Checkpoints
internal import Datasets
internal import Files
internal import Imaging
internal import SegmentAnything

extension VerificationError: CustomStringConvertible {
  /// One line that names the file.
  var description: String {
    switch self {
    case .file(let error): error.description
    case .checkpoint(let error): error.description
    case .image(let error): error.description
    case .model(let error): error.description
    case .dataset(let error): error.description
    case .json(let path, let problem, let offset):
      "\(path): not JSON: \(problem) at byte \(offset)"
    case .value(let path, let place, let expected):
      "\(path): \(place.isEmpty ? "the document" : place) is not \(expected)"
    case .noTensor(let path, let name):
      "\(path): tensor \(name) is missing"
    case .shape(let path, let name, let shape, let expected):
      "\(path): tensor \(name) has shape \(shape.map(String.init).joined(separator: "x")), not \(expected)"
    case .type(let path, let name, let type, let expected):
      "\(path): tensor \(name) holds \(type), not \(expected)"
    case .missing(let path, let what):
      "\(path): \(what) is missing"
    case .inconsistent(let path, let what):
      "\(path): \(what)"
    }
  }
}
