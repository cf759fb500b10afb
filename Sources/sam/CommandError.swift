import SegmentAnything

/// What only the command line can get wrong; the libraries' errors pass through as they are.
enum CommandError: Error {
  /// Neither an image nor an embedding.
  case noImage
  /// A file of prompts without images, and no image named.
  case noImageInPrompts(file: String)
  /// A file of prompts names images, and so does the command line.
  case imageTwice(image: String, prompts: String)
  /// An embedding was made from an image of another size.
  case otherImage(
    embedding: String, width: Int, height: Int, image: String, imageWidth: Int, imageHeight: Int)
  /// An embedding was made at another size of the model's input.
  case otherInputSize(embedding: String, size: Int, modelSize: Int)
  /// An embedding was made by another model.
  case otherModel(embedding: String, maker: String, model: String)
  /// A prompt makes no sense for its image.
  case prompt(image: String, PromptError)
  /// Several masks cannot share standard output.
  case severalToStandardOutput(count: Int)
  /// An array that is no mask.
  case maskShape(file: String, shape: [Int])
  /// Two images would be written under one name.
  case sameName(first: String, second: String, name: String)
  /// Some of many images failed; each was reported by itself.
  case someFailed(failed: Int, of: Int)
}

extension CommandError {
  /// The library's error with the name of the image or embedding, where it does not know it.
  static func naming(_ name: String, _ error: SAMError) -> any Error {
    switch error {
    case .prompt(let error): CommandError.prompt(image: name, error)
    case .embedding(.otherModel(_, let maker, let model)):
      CommandError.otherModel(embedding: name, maker: maker, model: model)
    default: error
    }
  }
}

extension CommandError: CustomStringConvertible {
  /// One line that names the file or the option.
  var description: String {
    switch self {
    case .noImage:
      "no image and no --embedding"
    case .noImageInPrompts(let file):
      "\(file): these prompts name no image, and neither does the command line"
    case .imageTwice(let image, let prompts):
      "\(image): \(prompts) names its images itself"
    case .otherImage(let embedding, let width, let height, let image, let imageWidth, let imageHeight):
      "\(embedding): made from an image of \(width)x\(height) pixels, but \(image) is \(imageWidth)x\(imageHeight)"
    case .otherInputSize(let embedding, let size, let modelSize):
      "\(embedding): made at an input of \(size) pixels, but the model's is \(modelSize); see --image-size"
    case .otherModel(let embedding, let maker, let model):
      "\(embedding): the embedding was made by model \(maker.prefix(12)), not by \(model.prefix(12)); "
        + "name its model with --checkpoint"
    case .prompt(let image, let error):
      "\(image): \(error)"
    case .severalToStandardOutput(let count):
      "--output -: standard output takes one mask, not \(count)"
    case .maskShape(let file, let shape):
      "\(file): an array of \(shape.map(String.init).joined(separator: "x")) is not one mask"
    case .sameName(let first, let second, let name):
      "\(first) and \(second) would both be written as \(name)"
    case .someFailed(let failed, let count):
      "\(failed) of \(count) images failed"
    }
  }
}
