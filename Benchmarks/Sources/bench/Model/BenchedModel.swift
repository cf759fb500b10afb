internal import ArgumentParser
internal import Imaging
internal import Modeling
internal import SegmentAnything
internal import Tensors

/// A model to measure.
struct BenchedModel {
  let name: String
  let sam: SAM

  /// Models known by name: nano is the one inside the library, the others have random weights.
  static let names = ["vit_b", "vit_l", "vit_h", "tinyvit", "nano"]

  /// Multiplications of the image encoder in units of 10⁹, where they have been counted.
  var multiplications: Double? {
    ["vit_b": 470, "vit_l": 1425, "vit_h": 2833][String(name.prefix { $0 != ":" })]
  }

  /// A model by name, with `:int8` behind it for that precision.
  init(named text: String, on compute: Compute) throws {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    let name = parts.first ?? ""
    guard let precision = parts.count == 2 ? Precision(rawValue: parts[1]) : .float32 else {
      throw ValidationError("no precision is called \(parts[1])")
    }
    self.name = text
    if name == "nano" {
      sam = try SAM.embedded(compute: compute)
      return
    }
    guard let configuration = BenchedModel.configuration(name),
      let fingerprint = ModelFingerprint(String(repeating: "0", count: 64))
    else {
      throw ValidationError(
        "no model is called \(name); there are \(BenchedModel.names.joined(separator: ", "))")
    }
    let parameters = try RandomParameters.make(configuration, on: compute)
    sam = try SAM(
      parameters: parameters, configuration: configuration,
      info: ModelInfo(
        name: name, path: nil, parameterCount: parameters.values.reduce(0) { $0 + $1.count },
        fingerprint: fingerprint, notice: nil), precision: precision, compute: compute)
  }

  /// A model from a checkpoint of any format.
  init(checkpoint path: String, on compute: Compute) throws {
    sam = try SAM(checkpoint: path, compute: compute)
    name = sam.info.name
  }

  /// A photo as large as the official models' input.
  static func photo() throws -> Image {
    try Image(contentsOfFile: PackageFiles.photo).resized(width: 1024, height: 1024)
  }

  /// Points spread over a picture of 1024 x 1024 pixels.
  static func points(_ count: Int) -> [Prompt] {
    (0..<count).map { index in
      let (a, b) = (Float(index) * 0.618_034 + 0.4, Float(index) * 0.754_878 + 0.45)
      return .point(1024 * (a - a.rounded(.down)), 1024 * (b - b.rounded(.down)))
    }
  }

  private static func configuration(_ name: String) -> ModelConfiguration? {
    func viT(_ width: Int, _ depth: Int) -> EncoderConfiguration? {
      ViTConfiguration.known(width: width, depth: depth).map { known in
        .viT(
          ViTConfiguration(
            width: width, depth: depth, heads: known.heads, mlpWidth: 4 * width,
            globalBlocks: known.globalBlocks))
      }
    }
    let encoder: EncoderConfiguration? =
      switch name {
      case "vit_b": viT(768, 12)
      case "vit_l": viT(1024, 24)
      case "vit_h": viT(1280, 32)
      case "tinyvit":
        .tinyViT(
          TinyViTConfiguration(
            widths: [64, 128, 160, 320], depths: [2, 2, 6, 2], heads: [2, 4, 5, 10],
            windowSizes: [7, 7, 14, 7]))
      default: nil
      }
    return encoder.map {
      ModelConfiguration(imageSize: 1024, encoder: $0, decoder: DecoderConfiguration())
    }
  }
}
