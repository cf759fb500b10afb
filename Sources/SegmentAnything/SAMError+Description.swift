internal import Checkpoints
internal import Files
internal import Imaging
internal import Modeling

extension SAMError: CustomStringConvertible {
  /// One line that names the file or the part of the prompt.
  public var description: String {
    switch self {
    case .image(let error): error.description
    case .checkpoint(let error): error.description
    case .recognition(let error): error.description
    case .model(let path, let error): "\(path): \(error.description)"
    case .file(let error): error.description
    case .prompt(let error): error.description
    case .embedding(let error): error.description
    case .generator(let error): error.description
    case .cancelled: "cancelled"
    }
  }
}

extension PromptError: CustomStringConvertible {
  /// One line.
  public var description: String {
    switch self {
    case .empty:
      "nothing to segment: give at least one point, box or mask"
    case .notFinite(let part):
      "\(part.description): not a finite number"
    case .outside(let part, let width, let height):
      "\(part.description) lies outside the image of \(width)x\(height) pixels"
    case .invertedBox(let box):
      "\(Part.box(box).description) is not left, top, right, bottom"
    case .logitsSize(let found, let expected):
      "mask logits are \(found.map(String.init).joined(separator: "x")), expected \(expected)x\(expected)"
    case .maskSize(let width, let height, let expectedWidth, let expectedHeight):
      "the mask is \(width)x\(height) pixels, the image \(expectedWidth)x\(expectedHeight)"
    case .emptyMask:
      "the mask has no pixel set"
    case .noImage:
      "no image has been set"
    }
  }
}

extension PromptError.Part: CustomStringConvertible {
  /// The part with its coordinates.
  public var description: String {
    switch self {
    case .point(let x, let y): "point \(short(x)),\(short(y))"
    case .box(let box): "box \(short(box.x0)),\(short(box.y0)),\(short(box.x1)),\(short(box.y1))"
    case .logits: "the mask's logits"
    }
  }

  private func short(_ value: Float) -> String {
    value == value.rounded() && abs(value) < 1e6 ? String(Int(value)) : String(value)
  }
}

extension EmbeddingError: CustomStringConvertible {
  /// One line.
  public var description: String {
    switch self {
    case .malformed(let path, let what):
      "\(path): not a usable image embedding: \(what)"
    case .otherForm(let expected, let found):
      "the embedding has \(found), the model wants \(expected)"
    case .otherModel(let path, let embedding, let model):
      "\(path.map { "\($0): " } ?? "")the embedding was made by model \(embedding.prefix(12)), not by \(model.prefix(12))"
    }
  }
}
