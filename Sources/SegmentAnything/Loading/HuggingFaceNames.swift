/// Translates the names of Hugging Face's `SamModel` into the official ones.
///
/// Source: the renaming in Transformers' conversion script (`convert_sam_to_hf.py`), read backwards. All its
/// versions rename alike; files differ in whether they hold the positional encoding once or twice
/// (`shared_image_embedding` is tied to the prompt encoder's own, and is the only one in some).
struct HuggingFaceNames {
  /// Hidden layers of each multi-layer head, by the head's name.
  private var hiddenLayers: [String: Int] = [:]

  init(_ names: some Sequence<String>) {
    for name in names {
      guard let (head, rest) = HuggingFaceNames.head(of: name), rest.count == 3, rest[0] == "layers",
        let index = Int(rest[1]), (0..<1000).contains(index)
      else { continue }
      hiddenLayers[head] = max(hiddenLayers[head] ?? 0, index + 1)
    }
  }

  /// The official name, or nil where there is none.
  func official(_ name: String) -> String? {
    if name == "shared_image_embedding.positional_embedding" {
      return "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"
    }
    if let (head, rest) = HuggingFaceNames.head(of: name) { return layer(rest, of: head) }
    for (theirs, ours) in HuggingFaceNames.prefixes where name.hasPrefix(theirs) {
      var parts = (ours + name.dropFirst(theirs.count)).split(
        separator: ".", omittingEmptySubsequences: false)
      // Norms inside the layers of either transformer.
      for (index, part) in parts.enumerated() where part.hasPrefix("layer_norm") {
        parts[index] = part.dropFirst("layer_".count)
      }
      return parts.joined(separator: ".")
    }
    return nil
  }

  /// Beginnings of names, longer ones before those they begin with.
  private static let prefixes = [
    ("vision_encoder.patch_embed.projection.", "image_encoder.patch_embed.proj."),
    ("vision_encoder.layers.", "image_encoder.blocks."),
    ("vision_encoder.neck.conv1.", "image_encoder.neck.0."),
    ("vision_encoder.neck.layer_norm1.", "image_encoder.neck.1."),
    ("vision_encoder.neck.conv2.", "image_encoder.neck.2."),
    ("vision_encoder.neck.layer_norm2.", "image_encoder.neck.3."),
    ("vision_encoder.", "image_encoder."),
    (
      "prompt_encoder.shared_embedding.positional_embedding",
      "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"
    ),
    ("prompt_encoder.point_embed.", "prompt_encoder.point_embeddings."),
    ("prompt_encoder.mask_embed.conv1.", "prompt_encoder.mask_downscaling.0."),
    ("prompt_encoder.mask_embed.layer_norm1.", "prompt_encoder.mask_downscaling.1."),
    ("prompt_encoder.mask_embed.conv2.", "prompt_encoder.mask_downscaling.3."),
    ("prompt_encoder.mask_embed.layer_norm2.", "prompt_encoder.mask_downscaling.4."),
    ("prompt_encoder.mask_embed.conv3.", "prompt_encoder.mask_downscaling.6."),
    ("prompt_encoder.", "prompt_encoder."),
    ("mask_decoder.upscale_conv1.", "mask_decoder.output_upscaling.0."),
    ("mask_decoder.upscale_layer_norm.", "mask_decoder.output_upscaling.1."),
    ("mask_decoder.upscale_conv2.", "mask_decoder.output_upscaling.3."),
    ("mask_decoder.", "mask_decoder."),
  ]

  /// Splits the name of a parameter of a multi-layer head (`…mlps.2.proj_in.weight`) behind the head's own.
  private static func head(of name: String) -> (head: String, rest: [Substring])? {
    for stem in ["mask_decoder.iou_prediction_head.", "mask_decoder.output_hypernetworks_mlps."]
    where name.hasPrefix(stem) {
      var rest = name.dropFirst(stem.count).split(separator: ".", omittingEmptySubsequences: false)
      var head = stem
      if stem.hasSuffix("mlps.") {
        guard !rest.isEmpty else { return nil }
        head += rest.removeFirst() + "."
      }
      return (head, rest)
    }
    return nil
  }

  /// `proj_in`, `layers.K` and `proj_out` as numbered layers.
  private func layer(_ rest: [Substring], of head: String) -> String? {
    switch (rest.first, rest.count) {
    case ("proj_in", 2): "\(head)layers.0.\(rest[1])"
    case ("layers", 3):
      Int(rest[1]).flatMap { (0..<1000).contains($0) ? "\(head)layers.\($0 + 1).\(rest[2])" : nil }
    case ("proj_out", 2): "\(head)layers.\((hiddenLayers[head] ?? 0) + 1).\(rest[1])"
    default: nil
    }
  }
}
