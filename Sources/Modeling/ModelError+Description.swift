internal import Tensors

extension ModelError: CustomStringConvertible {
  /// One line, without the file's name, which the loader adds.
  public var description: String {
    switch self {
    case .missingTensor(let name):
      "tensor \(name) is missing"
    case .misshapenTensor(let name, let expected, let found):
      "tensor \(name) has shape \(found.description), expected \(expected.description)"
    case .invalidConfiguration(let inconsistency):
      inconsistency.description
    case .cancelled:
      "cancelled"
    }
  }
}

extension ModelError.Inconsistency: CustomStringConvertible {
  /// A part of a line.
  public var description: String {
    switch self {
    case .heads(let part, let width, let heads):
      "\(part): \(heads) attention heads do not divide a width of \(width)"
    case .size(let name, let value):
      "\(name) cannot be \(value)"
    case .imageSize(let value, let multiple):
      "an input of \(value) pixels is not a multiple of \(multiple)"
    case .precision(let encoder):
      "8 bits are for plain vision transformers, and this image encoder is a \(encoder) one"
    }
  }
}
