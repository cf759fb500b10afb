internal import Files

extension CheckpointError: CustomStringConvertible {
  /// One line that begins with the path.
  public var description: String {
    if case .file(let error) = reason { return error.description }
    return "\(path): \(reason.description)"
  }
}

extension CheckpointError.Reason: CustomStringConvertible {
  /// What is wrong, without the path.
  public var description: String {
    switch self {
    case .file(let error):
      error.description
    case .unknownFormat(let looksLike):
      "not a safetensors or PyTorch checkpoint" + (looksLike.map { ": looks like \($0)" } ?? "")
    case .truncated(let part):
      "ends inside \(plainText(part)); the file is incomplete"
    case .header(let problem, let offset):
      "safetensors header, byte \(offset): \(problem)"
    case .headerTooLong(let bytes, let limit):
      "safetensors header of \(bytes) bytes, more than the limit of \(limit)"
    case .duplicate(let name):
      "\(quoted(name)) occurs twice"
    case .unknownType(let tensor, let type):
      "tensor \(quoted(tensor)) has the unknown type \(quoted(type))"
    case .misplaced(let tensor, let begin, let end, let expected, let available):
      "tensor \(quoted(tensor)) is at bytes \(begin)..<\(end), expected at \(expected) within \(available)"
    case .size(let tensor, let shape, let type, let bytes):
      "tensor \(quoted(tensor)) of shape \(text(shape)) and type \(type.rawValue) does not fill \(bytes) bytes"
    case .shape(let tensor, let shape):
      "tensor \(quoted(tensor)) has the unsupported shape \(text(shape))"
    case .outsideStorage(let tensor):
      "tensor \(quoted(tensor)) has elements outside its storage"
    case .missingStorage(let tensor, let key):
      "tensor \(quoted(tensor)): its storage \(quoted(key)) is missing or incomplete"
    case .expands(let tensor, let limit):
      "tensor \(quoted(tensor)): copies of strided or half-precision tensors exceed the limit of \(limit) bytes"
    case .archive(let problem):
      "damaged zip archive: \(problem)"
    case .compressed(let entry):
      "archive entry \(quoted(entry)) is compressed or encrypted; save it again with PyTorch"
    case .bigEndian:
      "big-endian numbers are not supported"
    case .pickle(let problem, let offset):
      "pickle, byte \(offset): \(plainText(problem))"
    case .pickleTooLarge(let limit):
      "pickle with more than \(limit) values"
    case .forbidden(let module, let name):
      "refused: the pickle refers to \(plainText(module)).\(plainText(name)), which no checkpoint needs"
    case .notAStateDictionary(let found):
      "holds \(plainText(found)) in place of a state dictionary; save the model's state_dict() instead"
    case .noTensors(let keys):
      "no floating-point tensors"
        + (keys.isEmpty ? "" : "; first keys are \(keys.map(quoted).joined(separator: ", "))")
    case .reservedName(let name):
      "\(quoted(name)) cannot be the name of a tensor"
    }
  }
}

/// A shape as Python prints it.
private func text(_ shape: [Int]) -> String { "[\(shape.map(String.init).joined(separator: ", "))]" }

/// A name from a file, in quotes, without control characters and of bounded length, so that an error stays
/// one line.
private func quoted(_ name: String) -> String { "\"\(plainText(name))\"" }

func plainText(_ name: String) -> String {
  let limit = 120
  var result = ""
  for scalar in name.unicodeScalars.prefix(limit) {
    let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    let breaksLines = scalar.value == 0x2028 || scalar.value == 0x2029
    result.unicodeScalars.append(isControl || breaksLines ? "?" : scalar)
  }
  return name.unicodeScalars.count > limit ? result + "…" : result
}
