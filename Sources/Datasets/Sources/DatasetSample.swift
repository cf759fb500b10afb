internal import Files
public import Imaging

/// An image and its masks.
public struct DatasetSample: Sendable {
  /// Which it is within its dataset: a path without extension, such as `2019/cat`. Unique.
  public var name: String
  /// The image's number in its dataset, where it has one.
  public var imageID: Int?
  /// Pixels in a row of the image.
  public var width: Int
  /// Rows of the image.
  public var height: Int
  /// The masks, all of the image's size.
  public var annotations: [Annotation]
  /// Where the picture is.
  public var picture: StoredPicture

  /// A sample of given parts.
  public init(
    name: String, imageID: Int? = nil, width: Int, height: Int, annotations: [Annotation],
    picture: StoredPicture
  ) {
    self.name = name
    self.imageID = imageID
    self.width = width
    self.height = height
    self.annotations = annotations
    self.picture = picture
  }

  /// Decodes the picture.
  ///
  /// - Throws: ``DatasetError``; also where the picture is not of the size that the annotations are for.
  public func image() throws(DatasetError) -> Image {
    let image = try picture.image()
    guard image.width == width, image.height == height else {
      throw .imageSize(
        path: picture.path, width: image.width, height: image.height, recordWidth: width,
        recordHeight: height)
    }
    return image
  }
}

/// A picture where it is kept: in a file, in part of an archive, in memory.
public enum StoredPicture: Sendable {
  /// A file of its own.
  case file(path: String)
  /// An entry of a tar archive.
  case entry(TarArchive.Entry, of: TarArchive)
  /// Bytes in memory, with the file name that they would have.
  case bytes([UInt8], name: String)
  /// A picture that was never encoded, with the file name that it would have.
  case decoded(Image, name: String)

  /// What errors call it.
  public var path: String {
    switch self {
    case .file(let path): path
    case .entry(let entry, let archive): archive.path + "/" + entry.name
    case .bytes(_, let name), .decoded(_, let name): name
    }
  }

  /// The file's name without folders.
  public var fileName: String {
    String(path.split(separator: "/", omittingEmptySubsequences: false).last ?? "")
  }

  /// Calls `body` with the encoded bytes; what was never encoded becomes PNG's.
  public func withBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws(DatasetError) -> Result
  ) throws(DatasetError) -> Result {
    switch self {
    case .file(let path):
      let file: MappedFile
      do throws(FileError) {
        file = try MappedFile(path: path)
      } catch {
        throw .file(error)
      }
      return try file.withBytes(body)
    case .entry(let entry, let archive):
      return try archive.withBytes(of: entry, body)
    case .bytes(let bytes, _):
      // The array's own method does not forward typed errors.
      let result = bytes.withUnsafeBytes { buffer in
        Swift.Result { () throws(DatasetError) in try body(buffer) }
      }
      return try result.get()
    case .decoded(let image, let name):
      let encoded: [UInt8]
      do throws(ImageError) {
        encoded = try image.encoded(as: .png)
      } catch {
        throw .image(error)
      }
      return try StoredPicture.bytes(encoded, name: name).withBytes(body)
    }
  }

  /// The encoded bytes.
  public func bytes() throws(DatasetError) -> [UInt8] {
    try withBytes { (bytes) throws(DatasetError) in [UInt8](bytes) }
  }

  /// The picture's size, from its header alone.
  public func size() throws(DatasetError) -> (width: Int, height: Int) {
    if case .decoded(let image, _) = self { return (image.width, image.height) }
    return try withBytes { (bytes) throws(DatasetError) in
      do throws(ImageError) {
        return try Image.size(ofEncoded: bytes, name: path)
      } catch {
        throw .image(error)
      }
    }
  }

  /// Decodes the picture.
  public func image() throws(DatasetError) -> Image {
    if case .decoded(let image, _) = self { return image }
    return try withBytes { (bytes) throws(DatasetError) in
      do throws(ImageError) {
        return try Image(decoding: bytes, name: path)
      } catch {
        throw .image(error)
      }
    }
  }
}
