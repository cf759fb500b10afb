public import Checkpoints
public import Modeling
public import Tensors

/// A checkpoint seen to be a Segment Anything model: its parameters under their official names, and its sizes.
///
/// Nothing needs to be said about a file: which model it is, how large, and how its parameters are named is read
/// off the tensors; see ``ConfigurationReader`` for what they cannot tell.
///
/// ```swift
/// let model = try RecognizedModel(Checkpoint(contentsOfFile: "model.safetensors"))
/// model.name                        // vit_b
/// model.configuration.imageSize     // 1024
/// ```
public struct RecognizedModel: Sendable {
  /// What the model is called: `vit_b`, `vit_l`, `vit_h`, `mobile_sam`, the name in its configuration, or its form
  /// and sizes.
  public let name: String
  /// Where it came from.
  public let path: String
  /// How the file named its parameters.
  public let naming: CheckpointNaming
  /// The parameters by their official names.
  public let parameters: [String: Tensor]
  /// The model's sizes.
  public let configuration: ModelConfiguration
  /// Identifies the weights.
  public let fingerprint: ModelFingerprint

  /// Recognises a whole model.
  ///
  /// That the tensors a size calls for are all there is checked when the model is built.
  ///
  /// - Throws: ``RecognitionError`` that names the checkpoint.
  public init(_ checkpoint: Checkpoint) throws(RecognitionError) {
    try self.init(checkpoint, markers: [CheckpointNaming.marker], isWhole: true)
  }

  /// Recognises an image encoder by itself, such as a distilled one before it is joined to a decoder.
  ///
  /// The names may lack the prefix `image_encoder.`, which ``parameters`` then have. The decoder's configuration
  /// is the official one for the encoder's output width.
  ///
  /// - Throws: ``RecognitionError`` that names the checkpoint.
  public init(encoder checkpoint: Checkpoint) throws(RecognitionError) {
    let markers = EncoderForm.allCases.map(\.marker)
    try self.init(
      checkpoint, markers: markers + ["vision_encoder.patch_embed.projection.weight"], isWhole: false)
  }

  private init(_ checkpoint: Checkpoint, markers: [String], isWhole: Bool) throws(RecognitionError) {
    do throws(RecognitionError.Reason) {
      var tensors = checkpoint.tensors
      if !isWhole { tensors = RecognizedModel.withEncoderPrefix(tensors) }
      let named = try NamedParameters(tensors, markers: markers)
      let found = try ConfigurationSource.find(for: checkpoint, naming: named.naming)
      var source = found?.source
      var reader = ConfigurationReader(named.tensors, source: source)
      do throws(RecognitionError.Reason) {
        configuration = try reader.configuration(isWhole: isWhole)
      } catch {
        guard case .conflict = error, let found, !found.isBinding else { throw error }
        source = nil
        reader = ConfigurationReader(named.tensors, source: nil)
        configuration = try reader.configuration(isWhole: isWhole)
      }
      path = checkpoint.path
      naming = named.naming
      parameters = named.tensors
      name = source?.text("model") ?? configuration.name
      fingerprint = ModelFingerprint(of: named.tensors)
    } catch {
      throw RecognitionError(path: checkpoint.path, reason: error)
    }
  }

  /// The number of trained values: without the positional encoding's random matrix and the statistics of batch
  /// norms.
  public var parameterCount: Int {
    let buffers = [".positional_encoding_gaussian_matrix", ".running_mean", ".running_var"]
    return parameters.reduce(0) { sum, parameter in
      buffers.contains(where: parameter.key.hasSuffix) ? sum : sum + parameter.value.count
    }
  }

  /// An encoder's tensors with `image_encoder.` before their names, where they lack it.
  private static func withEncoderPrefix(_ tensors: [String: Tensor]) -> [String: Tensor] {
    for form in EncoderForm.allCases {
      let bare = String(form.marker.dropFirst("image_encoder.".count))
      guard tensors[bare] != nil else { continue }
      var prefixed: [String: Tensor] = [:]
      prefixed.reserveCapacity(tensors.count)
      for (name, tensor) in tensors { prefixed["image_encoder." + name] = tensor }
      return prefixed
    }
    return tensors
  }
}

extension ModelConfiguration {
  /// The published models' names; for others the form and sizes.
  var name: String {
    switch encoder {
    case .viT(let sizes):
      switch (sizes.width, sizes.depth) {
      case (768, 12): "vit_b"
      case (1024, 24): "vit_l"
      case (1280, 32): "vit_h"
      default: "vit \(sizes.width)x\(sizes.depth)"
      }
    case .tinyViT(let sizes):
      sizes.widths == [64, 128, 160, 320]
        ? "mobile_sam" : "tinyvit \(sizes.widths.map(String.init).joined(separator: "-"))"
    case .hybrid(let sizes):
      "hybrid \(sizes.widths.map(String.init).joined(separator: "-"))"
    }
  }
}
