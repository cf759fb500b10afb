/// Published results of edge detection on the 200 test images of BSDS500 ("Segment Anything", arXiv 2304.02643, table 3).
public struct PublishedEdges: Sendable, Equatable {
  /// The method.
  public let name: String
  /// Whether it was trained on images of BSDS500.
  public let isTrained: Bool
  /// Best F of one threshold for all images; with the best for each image; average precision; recall at a precision of .5.
  public let ods: Double, ois: Double?, ap: Double?, r50: Double?

  /// The paper's table and the classical detectors that it compares with.
  public static let all = [
    PublishedEdges(name: "HED", isTrained: true, ods: 0.788, ois: 0.808, ap: 0.840, r50: 0.923),
    PublishedEdges(name: "EDETR", isTrained: true, ods: 0.840, ois: 0.858, ap: 0.896, r50: 0.930),
    PublishedEdges(name: "Sobel", isTrained: false, ods: 0.539, ois: nil, ap: nil, r50: nil),
    PublishedEdges(name: "Canny", isTrained: false, ods: 0.600, ois: 0.640, ap: 0.580, r50: nil),
    PublishedEdges(name: "Felz-Hutt", isTrained: false, ods: 0.610, ois: 0.640, ap: 0.560, r50: nil),
    PublishedEdges(name: "SAM ViT-H", isTrained: false, ods: 0.768, ois: 0.786, ap: 0.794, r50: 0.928),
  ]
}
