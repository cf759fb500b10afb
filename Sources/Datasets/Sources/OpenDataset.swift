internal import Files

/// How a dataset is stored.
public enum DatasetFormat: String, Sendable, Hashable, CaseIterable {
  /// Pictures with an SA-1B record beside each: ``SA1BFolder``, or in tar archives ``SA1BShards``.
  case sa1b
  /// One JSON file of annotations: ``COCODataset``.
  case coco
  /// Masks as pictures: ``MaskFolder``.
  case masks
}

/// Opens a dataset.
///
/// A path ending in `.tar` is an archive of SA-1B's, a folder with such files a folder of shards; a path ending in `.json` is
/// COCO's; a folder with pictures and records of the same names is SA-1B's; any other folder holds masks as pictures, in its
/// folders `images` and `masks` where it has both.
///
/// - Parameters:
///   - path: a folder or file.
///   - format: how it is stored; by default recognised by the rules above.
///   - images: the folder of the pictures, for COCO's JSON and for a folder that holds masks only.
///   - name: what the dataset is called; by default the folder's or file's name.
/// - Throws: ``DatasetError``.
public func openDataset(
  _ path: String, format: DatasetFormat? = nil, images: String? = nil, name: String? = nil
) throws(DatasetError) -> any DatasetSource {
  if FolderListing.kind(of: path) == nil { throw .file(.missing(path)) }
  guard FolderListing.kind(of: path) == .folder else {
    switch format {
    case nil where DatasetPath.pathExtension(path) == "tar", .sa1b: return try SA1BShards([path], name: name)
    case nil where DatasetPath.pathExtension(path) == "json", .coco:
      return try COCODataset(annotations: path, images: images, name: name)
    default: throw .file(.notAFolder(path: path))
    }
  }
  if format == .coco { throw .file(.notAFile(path: path)) }
  if format != .masks {
    let files = try DatasetPath.files(in: path)
    let shards = files.filter { DatasetPath.pathExtension($0) == "tar" }
    if !shards.isEmpty {
      return try SA1BShards(
        shards.map { DatasetPath.join(path, $0) }, name: name ?? String(DatasetPath.lastComponent(path)))
    }
    let names = PictureNames(files)
    let hasRecords = files.contains {
      DatasetPath.pathExtension($0) == "json" && names[DatasetPath.withoutExtension($0)] != nil
    }
    if hasRecords || format == .sa1b { return try SA1BFolder(path, name: name) }
  }
  if let images { return try MaskFolder(images: images, masks: path, name: name) }
  let (inner, outer) = (DatasetPath.join(path, "images"), DatasetPath.join(path, "masks"))
  let name = name ?? String(DatasetPath.lastComponent(path))
  if FolderListing.kind(of: inner) == .folder, FolderListing.kind(of: outer) == .folder {
    return try MaskFolder(images: inner, masks: outer, name: name)
  }
  return try MaskFolder(images: path, masks: path, name: name)
}
