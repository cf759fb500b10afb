import ArgumentParser

/// What a mask is written as.
enum MaskFormat: String, CaseIterable, ExpressibleByArgument {
  /// 8-bit grey, 255 in the mask.
  case png
  /// COCO's compressed run lengths, as JSON.
  case rle
  /// Outlines with holes, as JSON.
  case polygon
  /// The image with everything outside the mask transparent, PNG.
  case cutout
  /// The model's low-resolution logits, NumPy.
  case logits

  /// The usual ending of the file's name.
  var pathExtension: String {
    switch self {
    case .png, .cutout: "png"
    case .rle, .polygon: "json"
    case .logits: "npy"
    }
  }
}
