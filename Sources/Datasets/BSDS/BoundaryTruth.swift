public import Imaging

/// What people drew as the boundaries in one image of the Berkeley Segmentation Data Set: BSDS300 or BSDS500.
public struct BoundaryTruth: Sendable {
  /// The image's size in pixels.
  public let width: Int, height: Int
  /// The boundaries of each annotator.
  public let annotators: [BitMask]

  /// Boundaries of images of one size.
  ///
  /// - Parameter annotators: at least one.
  public init?(annotators: [BitMask]) {
    guard let first = annotators.first,
      annotators.allSatisfy({ $0.width == first.width && $0.height == first.height })
    else { return nil }
    (width, height) = (first.width, first.height)
    self.annotators = annotators
  }

  /// Reads a `.mat` file: `groundTruth{k}.Boundaries` for each annotator k.
  ///
  /// - Throws: ``DatasetError`` that names the file.
  public init(contentsOfFile path: String) throws(DatasetError) {
    try self.init(try MATLABFile(contentsOfFile: path), name: path)
  }

  /// The boundaries in a file that has been read.
  ///
  /// - Parameter name: what errors call it.
  public init(_ file: MATLABFile, name: String) throws(DatasetError) {
    guard let cells = file.variables["groundTruth"] else {
      throw .matlab(path: name, .damaged("no variable groundTruth"))
    }
    guard case .cells(let annotators) = cells, !annotators.isEmpty else {
      throw .matlab(path: name, .damaged("groundTruth is no list of annotators"))
    }
    var masks: [BitMask] = []
    for (index, annotator) in annotators.enumerated() {
      guard case .numbers(let numbers) = annotator["Boundaries"], numbers.dimensions.count == 2 else {
        throw .matlab(path: name, .damaged("groundTruth{\(index + 1)} has no matrix Boundaries"))
      }
      let (height, width) = (numbers.dimensions[0], numbers.dimensions[1])
      guard width > 0, height > 0, ImageLimits.standard.allow(width: width, height: height) else {
        throw .record(path: name, annotation: index, .size(width: width, height: height))
      }
      if let first = masks.first, first.width != width || first.height != height {
        throw .record(
          path: name, annotation: index,
          .maskSize(width: width, height: height, imageWidth: first.width, imageHeight: first.height))
      }
      var words = [UInt64](repeating: 0, count: (width + 63) / 64 * height)
      for x in 0..<width {
        for y in 0..<height where numbers.values[x * height + y] != 0 {
          words[y * ((width + 63) / 64) + x >> 6] |= 1 << UInt64(x & 63)
        }
      }
      masks.append(BitMask(trusted: words, width: width, height: height))
    }
    guard let truth = BoundaryTruth(annotators: masks) else {
      throw .matlab(path: name, .damaged("groundTruth is no list of annotators"))
    }
    self = truth
  }
}
