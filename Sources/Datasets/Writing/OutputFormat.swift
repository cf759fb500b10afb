/// A form in which masks are written.
public enum OutputFormat: String, Sendable, Hashable, CaseIterable {
  /// `NAME/0.png`, `NAME/1.png`, … and `NAME/metadata.csv`, as the reference's batch script writes them.
  case masks
  /// `NAME.json`, a list of records with run lengths: what the reference's batch script writes with `--convert-to-rle`.
  case rle
  /// `NAME.json`, a record as in SA-1B.
  case sa1b
  /// One file for all images, in COCO's form.
  case coco
  /// `NAME.txt`, a line for each mask: its class and one ring in parts of the image's width and height.
  case yolo
  /// `NAME.json` for LabelMe: polygons.
  case labelme
  /// `NAME.png`: for each pixel the number of the smallest mask that it belongs to, from 1 on, or 0.
  case labelmap
  /// `NAME.jpg`: the picture with its masks painted on, small ones on top of large ones.
  case overlay

  /// Whether the files of an image say which number it and its masks have.
  public var statesNumbers: Bool { self == .sa1b || self == .coco }

  /// The file whose presence tells that an image's files are complete; nil where all images share one file.
  ///
  /// - Parameter name: of the image, relative to the output folder.
  public func lastFile(of name: String) -> String? {
    switch self {
    case .masks: name + "/" + MaskMetadata.fileName
    case .rle, .sa1b, .labelme: name + ".json"
    case .yolo: name + ".txt"
    case .labelmap: name + ".png"
    case .overlay: name + ".jpg"
    case .coco: nil
    }
  }
}
