internal import ArgumentParser
internal import Checkpoints
internal import Foundation
internal import Modeling
internal import SegmentAnything
internal import Tensors

/// A model and its three parts, which the package's own interface joins.
struct BenchedModel {
  let name: String
  let sam: SAM
  let configuration: ModelConfiguration
  let imageEncoder: ImageEncoder
  let promptEncoder: PromptEncoder
  let maskDecoder: MaskDecoder

  /// Models known by name: nano is the one inside the library, the others have random weights.
  static let names = ["vit_b", "vit_l", "vit_h", "tinyvit", "nano"]

  /// Multiplications of the image encoder in units of 10⁹, where they have been counted.
  var multiplications: Double? { ["vit_b": 470, "vit_l": 1425, "vit_h": 2833][name] }

  init(named name: String, on compute: Compute) throws {
    if name == "nano" {
      // The library shows the model inside as a whole only.
      try self.init(
        name: name, RecognizedModel(Checkpoint(contentsOfFile: PackageFiles.nano, compute: compute)),
        on: compute)
      return
    }
    guard let configuration = BenchedModel.configuration(name) else {
      throw ValidationError(
        "no model is called \(name); there are \(BenchedModel.names.joined(separator: ", "))")
    }
    let parameters = try RandomParameters.make(configuration, on: compute)
    try self.init(name: name, configuration, parameters, on: compute)
  }

  /// A model from a checkpoint of any format.
  init(checkpoint path: String, on compute: Compute) throws {
    let model = try RecognizedModel(Checkpoint(contentsOfFile: path, compute: compute))
    try self.init(name: model.name, model, on: compute)
  }

  private init(name: String, _ model: RecognizedModel, on compute: Compute) throws {
    try self.init(name: name, model.configuration, model.parameters, on: compute)
  }

  private init(
    name: String, _ configuration: ModelConfiguration, _ parameters: [String: Tensor], on compute: Compute
  ) throws {
    self.name = name
    self.configuration = configuration
    guard let fingerprint = ModelFingerprint(String(repeating: "0", count: 64)) else {
      throw ValidationError("a fingerprint of zeros is no longer one")
    }
    sam = try SAM(
      parameters: parameters, configuration: configuration,
      info: ModelInfo(
        name: name, path: nil, parameterCount: parameters.values.reduce(0) { $0 + $1.count },
        fingerprint: fingerprint, notice: nil), compute: compute)
    let parts = Parameters(parameters, on: compute)
    imageEncoder = try ImageEncoder(parts["image_encoder"], configuration)
    promptEncoder = try PromptEncoder(parts["prompt_encoder"], configuration)
    maskDecoder = try MaskDecoder(parts["mask_decoder"], configuration)
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

/// Files of the repository, from the place of this source file.
enum PackageFiles {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  static var nano: String { root.path + "/Sources/EmbeddedModel/sam_nano.safetensors" }
  static var photo: String { root.path + "/examples/photos/astronaut.jpg" }
}

extension PackageFiles {
  static func name(of path: String) -> String { URL(filePath: path).lastPathComponent }
}
