/// A folder of pictures with SA-1B records beside them: `NAME.jpg` and `NAME.json`, also in folders below.
///
/// Files without a partner are passed over. Only names are kept; a record is read when its sample is asked for.
public struct SA1BFolder: DatasetSource {
  /// What the dataset is called.
  public let name: String
  private let records: String
  private let images: String
  /// Paths of the records within their folder, and of their pictures within theirs; nil for one that is not there.
  private let entries: [(record: String, picture: String?)]

  /// How many samples there are.
  public var count: Int { entries.count }

  /// Lists a folder, or one of records and one of pictures.
  ///
  /// - Parameters:
  ///   - records: the folder of the JSON files.
  ///   - images: the folder of the pictures; by default the same.
  ///   - needsPictures: whether records without a picture are passed over; they are samples whose picture cannot be read
  ///     otherwise.
  ///   - name: by default the folder's name.
  /// - Throws: ``DatasetError`` where a folder cannot be read or holds no such files.
  public init(
    _ records: String, images: String? = nil, needsPictures: Bool = true, name: String? = nil
  ) throws(DatasetError) {
    let files = try DatasetPath.files(in: records)
    let pictures = try PictureNames(in: images, or: files)
    entries = DatasetPath.records(in: files, of: pictures).compactMap { file in
      let picture = pictures[DatasetPath.withoutExtension(file)]
      return picture == nil && needsPictures ? nil : (file, picture)
    }
    guard !entries.isEmpty else {
      throw .noSamples(
        path: records, expected: needsPictures ? "pictures with a .json of the same name" : ".json files")
    }
    self.records = records
    self.images = images ?? records
    self.name = name ?? String(DatasetPath.lastComponent(records))
  }

  /// The sample at an index; see ``DatasetSource/sample(at:)``.
  public func sample(at index: Int) throws(DatasetError) -> DatasetSample {
    try check(index)
    let entry = entries[index]
    let record = try SA1BRecord(contentsOfFile: DatasetPath.join(records, entry.record))
    let stem = DatasetPath.withoutExtension(entry.record)
    // What the record says counts where no picture has its name.
    let stated = DatasetPath.folder(stem) + (record.fileName ?? DatasetPath.lastComponent(stem) + ".jpg")
    return DatasetSample(
      name: stem, imageID: record.imageID, width: record.width, height: record.height,
      annotations: record.annotations,
      picture: .file(path: DatasetPath.join(images, entry.picture ?? stated)))
  }
}
