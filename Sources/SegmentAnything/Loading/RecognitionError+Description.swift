extension RecognitionError: CustomStringConvertible {
  /// One line that begins with the path.
  public var description: String { "\(path): \(reason.description)" }
}

extension RecognitionError.Reason: CustomStringConvertible {
  /// What is wrong, without the path.
  public var description: String {
    switch self {
    case .notSegmentAnything(let lookedFor, let firstNames):
      "not a Segment Anything checkpoint: no tensor named \(lookedFor); \(list(firstNames))"
    case .unknownEncoder(let lookedFor, let firstNames):
      "an image encoder of an unknown form: no tensor named \(lookedFor.joined(separator: " or ")); \(list(firstNames))"
    case .ambiguous(let prefixes):
      "holds several models, behind \(prefixes.map(shortened).joined(separator: ", ")); save one of them by itself"
    case .missingTensor(let name):
      "no tensor named \(name)"
    case .misshapenTensor(let name, let shape):
      "tensor \(name) has the impossible shape \(shape)"
    case .mixedWindows(let lengths):
      "relative positions of more than two lengths: \(lengths.map(String.init).joined(separator: ", "))"
    case .conflict(let source, let field, let configured, let tensors):
      "\(source) says \(field) is \(shortened(configured)), the tensors say \(tensors)"
    case .configuration(let source, let problem):
      "\(source) cannot be read: \(problem)"
    }
  }

  private func list(_ names: [String]) -> String {
    names.isEmpty ? "there are no tensors" : "first names are \(names.map(shortened).joined(separator: ", "))"
  }

  /// Names come from files: one line, of bounded length.
  private func shortened(_ name: String) -> String {
    let scalars = name.unicodeScalars.prefix(100).map {
      $0.value < 0x20 || $0.value == 0x7F ? "?" : String($0)
    }
    return scalars.joined() + (name.unicodeScalars.count > 100 ? "…" : "")
  }
}
