internal import Files
internal import Imaging

/// A folder of boundaries that people drew, `NAME.mat` as in the Berkeley Segmentation Data Set, with the pictures `NAME.jpg`
/// beside them or in a folder of their own.
///
/// As a dataset it has pictures without masks; ``truth(at:)`` has the boundaries.
public struct BoundaryFolder: DatasetSource {
  /// What the dataset is called.
  public let name: String
  private let folder: String
  /// Paths of the boundaries' files within the folder, without extension.
  private let stems: [String]
  private let pictureFolder: String
  private let pictures: PictureNames

  /// How many files of boundaries there are.
  public var count: Int { stems.count }

  /// Lists the folder.
  ///
  /// - Parameter pictures: the folder of the pictures; by default the same one.
  /// - Throws: ``DatasetError`` where a folder cannot be read or has no `.mat` file.
  public init(_ folder: String, pictures: String? = nil) throws(DatasetError) {
    let files = try DatasetPath.files(in: folder)
    stems = files.filter { DatasetPath.pathExtension($0) == "mat" }.map { DatasetPath.withoutExtension($0) }
    guard !stems.isEmpty else { throw .noSamples(path: folder, expected: ".mat files of boundaries") }
    self.pictures = try PictureNames(in: pictures, or: files)
    self.folder = folder
    pictureFolder = pictures ?? folder
    name = String(DatasetPath.lastComponent(folder))
  }

  /// What an image is called: the file's path without extension.
  public func name(at index: Int) throws(DatasetError) -> String {
    try check(index)
    return stems[index]
  }

  /// The file of an image's boundaries.
  public func truthPath(at index: Int) throws(DatasetError) -> String {
    DatasetPath.join(folder, try name(at: index) + ".mat")
  }

  /// What people drew in an image.
  public func truth(at index: Int) throws(DatasetError) -> BoundaryTruth {
    try BoundaryTruth(contentsOfFile: truthPath(at: index))
  }

  /// The picture at an index, with the size of its boundaries; see ``DatasetSource/sample(at:)``.
  public func sample(at index: Int) throws(DatasetError) -> DatasetSample {
    let name = try name(at: index)
    let truth = try truth(at: index)
    guard let picture = pictures[name] else {
      throw .file(.missing(DatasetPath.join(pictureFolder, name + ".jpg")))
    }
    return DatasetSample(
      name: name, width: truth.width, height: truth.height, annotations: [],
      picture: .file(path: DatasetPath.join(pictureFolder, picture)))
  }

  /// The pictures of a folder, such as edge maps, by their names without extension.
  public static func pictures(in folder: String) throws(DatasetError) -> [String: String] {
    var paths: [String: String] = [:]
    for file in try DatasetPath.files(in: folder) where DatasetPath.isPicture(file) {
      let stem = DatasetPath.withoutExtension(file)
      if paths[stem] == nil { paths[stem] = DatasetPath.join(folder, file) }
    }
    return paths
  }
}
