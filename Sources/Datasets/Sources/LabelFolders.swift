internal import Files
internal import Imaging

/// Pictures with a LabelMe file of the same name beside each, also in folders below.
///
/// Polygons are filled where the centres of pixels lie inside.
public struct LabelMeFolder: DatasetSource {
  /// What the dataset is called.
  public let name: String
  private let folder: String
  /// Paths of the labels' files within the folder.
  private let files: [String]
  private let pictures: PictureNames

  /// How many samples there are.
  public var count: Int { files.count }

  /// Lists a folder.
  ///
  /// - Throws: ``DatasetError`` where the folder cannot be read or holds no JSON file.
  public init(_ folder: String, name: String? = nil) throws(DatasetError) {
    let files = try DatasetPath.files(in: folder)
    pictures = PictureNames(files)
    self.files = DatasetPath.records(in: files, of: pictures)
    guard !self.files.isEmpty else { throw .noSamples(path: folder, expected: "LabelMe files") }
    self.folder = folder
    self.name = name ?? String(DatasetPath.lastComponent(folder))
  }

  /// The sample at an index; see ``DatasetSource/sample(at:)``.
  public func sample(at index: Int) throws(DatasetError) -> DatasetSample {
    try check(index)
    let path = DatasetPath.join(folder, files[index])
    let content = try DatasetPath.map(path).withBytes { (bytes) throws(DatasetError) in
      try LabelMeFile.read(bytes, path: path)
    }
    let stem = DatasetPath.withoutExtension(files[index])
    // What the file itself says counts where no picture has its name.
    let picture =
      pictures[stem] ?? DatasetPath.join(DatasetPath.folder(stem), content.picture ?? stem + ".jpg")
    return DatasetSample(
      name: stem, width: content.width, height: content.height, annotations: content.annotations,
      picture: .file(path: DatasetPath.join(folder, picture)))
  }
}

/// Pictures, and labels as YOLO's segmentation models take them: a text file for each picture.
///
/// Names of classes are read from `classes.txt`, one in a line, where the folder of labels has it. A label file says nothing about the
/// picture's size, so the picture's header is read for it.
public struct YOLOFolder: DatasetSource {
  /// What the dataset is called.
  public let name: String
  private let images: String
  private let labels: String
  private let classes: [String]
  private let entries: [(picture: String, text: String)]

  /// How many samples there are.
  public var count: Int { entries.count }

  /// Names of classes by their numbers, which count from 1.
  public var categories: [Int: String] {
    Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($0.offset + 1, $0.element) })
  }

  /// Lists the two folders, which may be the same.
  ///
  /// - Throws: ``DatasetError`` where a folder cannot be read, or no picture has a label file.
  public init(images: String, labels: String, name: String? = nil) throws(DatasetError) {
    let pictures = PictureNames(try DatasetPath.files(in: images))
    let files = try DatasetPath.files(in: labels)
    entries = files.compactMap { file in
      guard DatasetPath.pathExtension(file) == "txt" else { return nil }
      return pictures[DatasetPath.withoutExtension(file)].map { ($0, file) }
    }
    guard !entries.isEmpty else {
      throw .noSamples(path: labels, expected: "label files named like pictures")
    }
    var classes: [String] = []
    if files.contains("classes.txt") {
      classes = try DatasetPath.map(DatasetPath.join(labels, "classes.txt")).withBytes { bytes in
        String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
      }
    }
    self.classes = classes
    self.images = images
    self.labels = labels
    self.name = name ?? String(DatasetPath.lastComponent(images))
  }

  /// The sample at an index; see ``DatasetSource/sample(at:)``.
  public func sample(at index: Int) throws(DatasetError) -> DatasetSample {
    try check(index)
    let entry = entries[index]
    let picture = StoredPicture.file(path: DatasetPath.join(images, entry.picture))
    let (width, height) = try picture.size()
    let path = DatasetPath.join(labels, entry.text)
    let annotations = try DatasetPath.map(path).withBytes { (bytes) throws(DatasetError) in
      try YOLOText.annotations(bytes, width: width, height: height, labels: classes, path: path)
    }
    return DatasetSample(
      name: DatasetPath.withoutExtension(entry.picture), width: width, height: height,
      annotations: annotations, picture: picture)
  }
}
