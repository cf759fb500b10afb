public import Imaging

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// A picture inside a report, with its caption.
public struct ReportPicture: Sendable, Equatable {
  /// What stands below.
  public var caption: String
  /// What is seen, for readers who cannot see it.
  public var description: String
  /// Pixels.
  let width: Int, height: Int
  let dataURI: String

  /// The longest side of pictures in reports, in pixels.
  public static let side = 640

  /// Puts a picture into a report, made smaller where it is large.
  ///
  /// - Parameters:
  ///   - image: the picture.
  ///   - caption: what stands below.
  ///   - description: what is seen; the caption where nil.
  ///   - format: JPEG for photos, PNG for drawings.
  /// - Throws: ``ImageError`` where it cannot be encoded.
  public init(
    _ image: Image, caption: String, description: String? = nil, format: ImageFormat = .jpeg
  ) throws(ImageError) {
    let picture =
      max(image.width, image.height) > Self.side ? image.resizedLongestSide(to: Self.side) : image
    self.caption = caption
    self.description = description ?? caption
    (width, height) = (picture.width, picture.height)
    let bytes = try picture.encoded(as: format, quality: 85)
    let type = format == .jpeg ? "image/jpeg" : format == .webp ? "image/webp" : "image/png"
    dataURI = "data:\(type);base64," + Data(bytes).base64EncodedString()
  }
}
