internal import Files
internal import Imaging

extension DatasetError: CustomStringConvertible {
  /// One line that begins with the file's name.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .image(let error): error.description
    case .json(let path, let problem, let offset):
      "\(path): not the JSON expected: \(problem) at byte \(offset)"
    case .record(let path, let annotation, let problem):
      "\(path): " + (annotation.map { "annotation \($0): " } ?? "") + problem.description
    case .tar(let path, let problem, let offset): "\(path): \(problem) at byte \(offset)"
    case .matlab(let path, let problem): "\(path): \(problem)"
    case .text(let path, let line, let problem): "\(path): line \(line): \(problem)"
    case .noSamples(let path, let expected): "\(path): no \(expected) in it"
    case .imageSize(let path, let width, let height, let recordWidth, let recordHeight):
      "\(path): the picture is \(width) x \(height) pixels, its record says \(recordWidth) x \(recordHeight)"
    case .noSuchSample(let name, let index, let count): "\(name): no sample \(index), there are \(count)"
    case .cannotHold(let path, let format, let problem): "\(path): \(format) cannot hold it: \(problem)"
    }
  }
}

extension RecordProblem: CustomStringConvertible {
  /// What is wrong, without the file's name.
  public var description: String {
    switch self {
    case .missing(let key): "no '\(key)'"
    case .size(let width, let height): "a size of \(width) x \(height) pixels"
    case .maskSize(let width, let height, let imageWidth, let imageHeight):
      "the mask is \(width) x \(height) pixels, the image \(imageWidth) x \(imageHeight)"
    case .runs(let error): error.description
    case .polygon(let error): error.description
    case .polygonTooComplex(let crossings):
      "its polygons cross columns \(crossings) times, more than any outline"
    case .unknownImage(let id): "image \(id) is not listed"
    case .notANumber(let what): "\(what) that is not a number"
    case .duplicate(let what): "\(what) occurs twice"
    }
  }
}

extension TarProblem: CustomStringConvertible {
  /// What is wrong, without the file's name.
  public var description: String {
    switch self {
    case .checksum: "not a tar archive, or a damaged one: a header's checksum is wrong"
    case .number: "a damaged tar archive: a field is no number"
    case .truncated: "the tar archive is cut off"
    case .compressed(let method):
      "compressed with \(method), in which nothing can be found directly; unpack it first"
    case .unsupported(let kind): "an entry of kind '\(kind)', which is not read"
    case .extendedHeader: "a damaged tar archive: an extended header is not well formed"
    }
  }
}

extension MATLABProblem: CustomStringConvertible {
  /// What is wrong, without the file's name.
  public var description: String {
    switch self {
    case .notMATLAB: "not a MATLAB file of version 5 to 7"
    case .isHDF: "a MATLAB file of version 7.3, which is not read; save it with -v7"
    case .truncated: "the MATLAB file is cut off"
    case .compression: "a damaged MATLAB file: a variable cannot be decompressed"
    case .tooLarge: "the MATLAB file holds more than \(MATLABFile.byteLimit >> 20) MiB"
    case .damaged(let what): "a damaged or unexpected MATLAB file: \(what)"
    }
  }
}
