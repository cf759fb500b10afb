public import Datasets
internal import Files
internal import Imaging

/// Pictures without masks: all that a folder and those below it hold, or those of another dataset.
struct PictureFolder: DatasetSource {
  let name: String
  private let paths: [String]
  var count: Int { paths.count }

  private static let endings = ["jpg", "jpeg", "png", "webp", "tif", "tiff"]

  init(_ folder: String) throws(FileError) {
    name = folder
    paths = try FolderListing(of: folder).files.filter { path in
      guard let dot = path.lastIndex(of: ".") else { return false }
      return PictureFolder.endings.contains(path[path.index(after: dot)...].lowercased())
    }.map { "\(folder)/\($0)" }
  }

  func sample(at index: Int) throws(DatasetError) -> DatasetSample {
    guard paths.indices.contains(index) else {
      throw .noSuchSample(name: name, index: index, count: count)
    }
    let picture = StoredPicture.file(path: paths[index])
    let image = try picture.image()
    return DatasetSample(
      name: paths[index], width: image.width, height: image.height, annotations: [],
      picture: .decoded(image, name: paths[index]))
  }
}
