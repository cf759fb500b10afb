internal import Files
internal import Imaging

/// Pictures, and their masks as pictures.
///
/// The masks of `NAME.jpg` are, in the folder of masks, all of these that are there:
///
/// - `NAME.png`, `NAME_mask.png`, `NAME-mask.png`: a label map (``Imaging/LabelMap``), of which each label but 0 is a
///   mask and the mask's number. A black and white mask is a label map with one label.
/// - `NAME-0.png`, `NAME_0.png`, `NAME-1.png`, …: one mask each, the pixels that are not black.
/// - `NAME/0.png`, `NAME/1.png`, … with any names: one mask each; `NAME/metadata.csv` may say more about them.
///
/// Both folders may have folders in them, which correspond. They may also be the same folder. Pictures without a mask are
/// passed over.
public struct MaskFolder: DatasetSource {
  private struct Entry: Sendable {
    /// Path of the picture, within its folder.
    var picture: String
    /// Paths of label maps, within the folder of masks.
    var maps: [String] = []
    /// Paths of single masks.
    var masks: [String] = []
    /// Path of the table of the single masks in a folder of their own.
    var table: String?
  }

  /// What the dataset is called.
  public let name: String
  private let images: String
  private let masks: String
  private let entries: [Entry]

  /// How many samples there are.
  public var count: Int { entries.count }

  /// Lists the two folders.
  ///
  /// - Throws: ``DatasetError`` where a folder cannot be read, or no picture has a mask.
  public init(images: String, masks: String, name: String? = nil) throws(DatasetError) {
    let pictureFiles = try DatasetPath.files(in: images)
    let isOneFolder = images == masks
    let maskFiles = isOneFolder ? pictureFiles : try DatasetPath.files(in: masks)
    let names = PictureNames(pictureFiles)
    var entries: [String: Entry] = [:]
    for file in maskFiles {
      guard let owner = Self.owner(of: file, names), let picture = names[owner.stem],
        !(isOneFolder && picture == file)
      else { continue }
      var entry = entries[owner.stem] ?? Entry(picture: picture)
      switch owner.role {
      case .map: entry.maps.append(file)
      case .mask: entry.masks.append(file)
      case .table: entry.table = file
      }
      entries[owner.stem] = entry
    }
    // A mask of one folder may have looked like a picture of its own.
    let used = Set(entries.values.flatMap { $0.maps + $0.masks })
    self.entries = entries.values.filter {
      !($0.maps + $0.masks).isEmpty && !(isOneFolder && used.contains($0.picture))
    }.sorted { $0.picture.utf8.lexicographicallyPrecedes($1.picture.utf8) }
    guard !self.entries.isEmpty else { throw .noSamples(path: masks, expected: "masks named like pictures") }
    self.images = images
    self.masks = masks
    self.name = name ?? String(DatasetPath.lastComponent(images))
  }

  /// The sample at an index; see ``DatasetSource/sample(at:)``.
  public func sample(at index: Int) throws(DatasetError) -> DatasetSample {
    try check(index)
    let entry = entries[index]
    var annotations: [Annotation] = []
    var size: (width: Int, height: Int)?
    func add(_ mask: RunLengthMask, from file: String, _ make: (RunLengthMask) -> Annotation)
      throws(DatasetError)
    {
      if let size, size != (mask.width, mask.height) {
        throw .imageSize(
          path: DatasetPath.join(masks, file), width: mask.width, height: mask.height,
          recordWidth: size.width,
          recordHeight: size.height)
      }
      size = (mask.width, mask.height)
      annotations.append(make(mask))
    }
    for file in entry.maps {
      let map = try read(file) { (bytes, path) throws(ImageError) in try LabelMap(decoding: bytes, name: path)
      }
      size = size ?? (map.width, map.height)
      for (label, mask) in map.masks {
        try add(mask, from: file) { Annotation(id: Int(label), mask: $0) }
      }
    }
    let table = try metadata(entry)
    for file in entry.masks.sorted(by: Self.isBefore) {
      let mask = try read(file) { (bytes, path) throws(ImageError) in
        RunLengthMask(try Mask(decoding: bytes, name: path))
      }
      let name = String(DatasetPath.lastComponent(DatasetPath.withoutExtension(file)))
      try add(mask, from: file) {
        (table[name] ?? MaskMetadata.Fields()).annotation(id: annotations.count + 1, mask: $0)
      }
    }
    return DatasetSample(
      name: DatasetPath.withoutExtension(entry.picture), width: size?.width ?? 0, height: size?.height ?? 0,
      annotations: annotations, picture: .file(path: DatasetPath.join(images, entry.picture)))
  }

  private func read<Result>(
    _ file: String, _ decode: (UnsafeRawBufferPointer, String) throws(ImageError) -> Result
  ) throws(DatasetError) -> Result {
    let path = DatasetPath.join(masks, file)
    let mapped = try DatasetPath.map(path)
    do throws(ImageError) {
      return try mapped.withBytes { (bytes) throws(ImageError) in try decode(bytes, path) }
    } catch {
      throw .image(error)
    }
  }

  private func metadata(_ entry: Entry) throws(DatasetError) -> [String: MaskMetadata.Fields] {
    guard let table = entry.table else { return [:] }
    let path = DatasetPath.join(masks, table)
    return try DatasetPath.map(path).withBytes { (bytes) throws(DatasetError) in
      try MaskMetadata.read(bytes, path: path)
    }
  }

  private enum Role {
    case map, mask, table
  }

  /// Which picture a file belongs to, and as what; nil for none.
  private static func owner(of file: String, _ names: PictureNames) -> (stem: String, role: Role)? {
    let folder = String(DatasetPath.folder(file).dropLast())
    let isInFolderOfPicture = !folder.isEmpty && names[folder] != nil
    if isInFolderOfPicture, DatasetPath.lastComponent(file) == MaskMetadata.fileName {
      return (folder, .table)
    }
    guard DatasetPath.isPicture(file) else { return nil }
    if isInFolderOfPicture { return (folder, .mask) }
    let stem = DatasetPath.withoutExtension(file)
    for ending in ["_mask", "-mask"] where stem.hasSuffix(ending) {
      let rest = String(stem.dropLast(ending.count))
      if names[rest] != nil { return (rest, .map) }
    }
    if names[stem] != nil, names[stem] != file { return (stem, .map) }
    let digits = stem.reversed().prefix { $0.isASCII && $0.isNumber }.count
    let rest = stem.dropLast(digits)
    if digits > 0, let separator = rest.last, "-_".contains(separator), names[String(rest.dropLast())] != nil
    {
      return (String(rest.dropLast()), .mask)
    }
    return names[stem] == nil ? nil : (stem, .map)
  }

  /// Numbers in names count as numbers: `2.png` comes before `10.png`.
  private static func isBefore(_ first: String, _ second: String) -> Bool {
    func key(_ file: String) -> (String, Int, String) {
      let stem = DatasetPath.withoutExtension(file)
      let digits = String(stem.reversed().prefix { $0.isASCII && $0.isNumber }.reversed())
      return (String(stem.dropLast(digits.count)), Int(digits) ?? -1, file)
    }
    return key(first) < key(second)
  }
}
