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
  /// Everything mode's settings make no sense for an image.
  case generator(image: String, GeneratorError)
  /// Several masks cannot share standard output.
  case severalToStandardOutput(count: Int)
  /// An array that is no mask.
  case maskShape(file: String, shape: [Int])
  /// Two images would be written under one name.
  case sameName(first: String, second: String, name: String)
  /// Two datasets of one name, by which results are told apart.
  case sameDataset(first: String, second: String, name: String)
  /// An argument names nothing.
  case missingInput(String)
  /// A pattern names nothing.
  case nothingMatches(pattern: String)
  /// The inputs have no pictures in them.
  case noPictures
  /// A folder has masks that were made with other settings.
  case madeOtherwise(folder: String, key: String, there: String, here: String)
  /// A file is in the way that no run of everything mode in this folder wrote.
  case notMadeHere(file: String, folder: String)
  /// A file to be written is one of the pictures.
  case overInput(file: String)
  /// A folder has no files of shards.
  case nothingToMerge(folder: String)
  /// One of the shards' files is not there.
  case missingShard(file: String)
  /// Files are of runs in different numbers of shards.
  case otherShards(first: String, second: String)
  /// A folder that was to be made is there already.
  case folderExists(String)
  /// A card is there already, perhaps with someone's answers.
  case cardExists(String)
  /// Results are to be scored, and what they are compared with is no file of annotations.
  case truthIsNoFile(String)
  /// An edge map of another size than the boundaries it is compared with.
  case edgeMapSize(
    map: String, width: Int, height: Int, truth: String, truthWidth: Int, truthHeight: Int)
  /// An edge map that cannot be made: the image is beyond all bounds.
  case noEdgeMap(image: String)
  /// Some of many images failed; each was reported by itself.
  case someFailed(failed: Int, of: Int)
}

extension CommandError {
  /// The library's error with the name of the image or embedding, where it does not know it.
  static func naming(_ name: String, _ error: SAMError) -> any Error {
    switch error {
    case .prompt(let error): CommandError.prompt(image: name, error)
    case .generator(let error): CommandError.generator(image: name, error)
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
    case .generator(let image, let error):
      "\(image): \(error)"
    case .severalToStandardOutput(let count):
      "--output -: standard output takes one mask, not \(count)"
    case .maskShape(let file, let shape):
      "\(file): an array of \(shape.map(String.init).joined(separator: "x")) is not one mask"
    case .sameName(let first, let second, let name):
      "\(first) and \(second) would both be written as \(name)"
    case .sameDataset(let first, let second, let name):
      "\(first) and \(second): both datasets are called \(name), by which results are told apart"
    case .missingInput(let path):
      "\(path): no such file or folder"
    case .nothingMatches(let pattern):
      "\(pattern): no picture fits the pattern"
    case .noPictures:
      "no pictures: the inputs hold no JPEG, PNG, WebP or TIFF file"
    case .madeOtherwise(let folder, let key, let there, let here):
      "\(folder): masks are there that were made otherwise (\(key) was \(there), now \(here)); "
        + "name another folder, or begin anew with --overwrite"
    case .notMadeHere(let file, let folder):
      "\(file): is there already, and \(folder) has no everything.json that tells how it was made; "
        + "name another folder, or replace it with --overwrite"
    case .overInput(let file):
      "\(file): is one of the pictures and would be overwritten; name another folder"
    case .nothingToMerge(let folder):
      "\(folder): nothing to merge: no coco-0-of-n.json"
    case .missingShard(let file):
      "\(file): is missing; run its shard first"
    case .otherShards(let first, let second):
      "\(first) and \(second) are of runs in different numbers of shards"
    case .folderExists(let folder):
      "\(folder): is there already; name another folder"
    case .cardExists(let file):
      "\(file): is there already; name another file, or --overwrite"
    case .truthIsNoFile(let path):
      "\(path): a folder; --score-only compares with a file of annotations in COCO's form, which sam convert --to coco writes"
    case .edgeMapSize(let map, let width, let height, let truth, let truthWidth, let truthHeight):
      "\(map): a map of \(width)x\(height) pixels, but \(truth) is of \(truthWidth)x\(truthHeight)"
    case .noEdgeMap(let image):
      "\(image): no edge map can be made of it"
    case .someFailed(let failed, let count):
      "\(failed) of \(count) images failed"
    }
  }
}
