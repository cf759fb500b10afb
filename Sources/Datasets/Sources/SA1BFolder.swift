/// A folder of pictures with SA-1B records beside them: `NAME.jpg` and `NAME.json`, also in folders below.
///
/// Files without a partner are passed over. Only names are kept; a record is read when its sample is asked for.
public struct SA1BFolder: DatasetSource {
  /// What the dataset is called.
  public let name: String
  private let folder: String
  /// The pictures' paths within the folder.
  private let pictures: [String]

  /// How many samples there are.
  public var count: Int { pictures.count }

  /// Lists a folder.
  ///
  /// - Throws: ``DatasetError`` where the folder cannot be read or holds no pair.
  public init(_ folder: String, name: String? = nil) throws(DatasetError) {
    let files = try DatasetPath.files(in: folder)
    let names = PictureNames(files)
    pictures = files.compactMap { file in
      DatasetPath.pathExtension(file) == "json" ? names[DatasetPath.withoutExtension(file)] : nil
    }
    guard !pictures.isEmpty else {
      throw .noSamples(path: folder, expected: "pictures with a .json of the same name")
    }
    self.folder = folder
    self.name = name ?? String(DatasetPath.lastComponent(folder))
  }

  /// The sample at an index; see ``DatasetSource/sample(at:)``.
  public func sample(at index: Int) throws(DatasetError) -> DatasetSample {
    try check(index)
    let stem = DatasetPath.withoutExtension(pictures[index])
    let record = try SA1BRecord(contentsOfFile: DatasetPath.join(folder, stem + ".json"))
    return DatasetSample(
      name: stem, imageID: record.imageID, width: record.width, height: record.height,
      annotations: record.annotations, picture: .file(path: DatasetPath.join(folder, pictures[index])))
  }
}
