internal import Files

/// How a dataset is stored.
public enum DatasetFormat: String, Sendable, Hashable, CaseIterable {
  /// Pictures with an SA-1B record beside each: ``SA1BFolder``, or in tar archives ``SA1BShards``.
  case sa1b
  /// One JSON file of annotations: ``COCODataset``.
  case coco
  /// Masks as pictures: ``MaskFolder``.
  case masks
  /// Pictures with YOLO's labels: ``YOLOFolder``.
  case yolo
  /// Pictures with LabelMe's files: ``LabelMeFolder``.
  case labelme
}

/// Opens a dataset.
///
/// Where no format is named, a path ending in `.tar` is an archive of SA-1B's, a folder with such files a folder of shards, and a
/// path ending in `.json` COCO's file. A folder with JSON files named like pictures is LabelMe's or SA-1B's, by what is in the
/// first of them; one with text files named like pictures, or with folders `images` and `labels`, is YOLO's. Any other
/// holds masks as pictures, in its folders `images` and `masks` where it has both.
///
/// - Parameters:
///   - path: a folder or file.
///   - format: how it is stored.
///   - images: the folder of the pictures, where they do not lie in the folder itself.
///   - needsPictures: whether records without a picture are passed over.
///   - name: what the dataset is called; by default the folder's or file's name.
/// - Throws: ``DatasetError``.
public func openDataset(
  _ path: String, format: DatasetFormat? = nil, images: String? = nil, needsPictures: Bool = true,
  name: String? = nil
) throws(DatasetError) -> any DatasetSource {
  guard let kind = FolderListing.kind(of: path) else { throw .file(.missing(path)) }
  var recognised = format
  if recognised == nil { recognised = try recognisedFormat(of: path, kind, images: images) }
  let format = recognised ?? .masks
  let stem = kind == .file ? DatasetPath.withoutExtension(path) : path
  let name = name ?? String(DatasetPath.lastComponent(stem))
  switch (format, kind) {
  case (.sa1b, .file): return try SA1BShards([path], name: name)
  case (.coco, .file): return try COCODataset(annotations: path, images: images, name: name)
  case (.coco, .folder): throw .file(.notAFile(path: path))
  case (_, .file): throw .file(.notAFolder(path: path))
  case (.sa1b, .folder):
    let shards = try DatasetPath.files(in: path).filter { DatasetPath.pathExtension($0) == "tar" }
    if !shards.isEmpty { return try SA1BShards(shards.map { DatasetPath.join(path, $0) }, name: name) }
    return try SA1BFolder(path, images: images, needsPictures: needsPictures, name: name)
  case (.masks, .folder):
    let (inner, outer) = subfolders(of: path, images: images, "masks")
    return try MaskFolder(images: inner, masks: outer, name: name)
  case (.yolo, .folder):
    let (inner, outer) = subfolders(of: path, images: images, "labels")
    return try YOLOFolder(images: inner, labels: outer, name: name)
  case (.labelme, .folder): return try LabelMeFolder(path, name: name)
  }
}

/// The folders of the pictures and of what belongs to them: those named so where both are there, else the folder itself.
private func subfolders(of path: String, images: String?, _ name: String) -> (images: String, others: String)
{
  if let images { return (images, path) }
  let (inner, outer) = (DatasetPath.join(path, "images"), DatasetPath.join(path, name))
  let areThere = FolderListing.kind(of: inner) == .folder && FolderListing.kind(of: outer) == .folder
  return areThere ? (inner, outer) : (path, path)
}

private func recognisedFormat(
  of path: String, _ kind: FolderListing.Kind, images: String?
) throws(DatasetError) -> DatasetFormat {
  guard kind == .folder else { return DatasetPath.pathExtension(path) == "tar" ? .sa1b : .coco }
  let files = try DatasetPath.files(in: path)
  if files.contains(where: { DatasetPath.pathExtension($0) == "tar" }) { return .sa1b }
  let names = try PictureNames(in: images, or: files)
  for file in files where names[DatasetPath.withoutExtension(file)] != nil {
    if DatasetPath.pathExtension(file) == "json" {
      return LabelMeFile.hasShapes(DatasetPath.join(path, file)) ? .labelme : .sa1b
    }
    if DatasetPath.pathExtension(file) == "txt" { return .yolo }
  }
  return images == nil && subfolders(of: path, images: nil, "labels").images != path ? .yolo : .masks
}
