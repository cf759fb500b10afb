internal import Files
internal import Modeling

extension ModelConfiguration {
  /// The configuration as JSON that ``ConfigurationSource`` reads: for the metadata of a file, where it stays with
  /// the weights.
  ///
  /// - Parameter name: what the model is called.
  func json(name: String) -> String {
    var members = [("model", JSONValue.quoted(name)), ("image_size", String(imageSize))]
    switch encoder {
    case .viT(let sizes):
      members += [
        ("patch_size", String(sizes.patchSize)), ("embed_dim", String(sizes.width)),
        ("depth", String(sizes.depth)), ("num_heads", String(sizes.heads)),
        ("window_size", String(sizes.windowSize)), ("global_attn_indexes", "\(sizes.globalBlocks.sorted())"),
      ]
    case .tinyViT(let sizes):
      members += [
        ("embed_dims", "\(sizes.widths)"), ("depths", "\(sizes.depths)"), ("num_heads", "\(sizes.heads)"),
        ("window_sizes", "\(sizes.windowSizes)"),
      ]
    case .hybrid(let sizes):
      members += [
        ("stem", String(sizes.stemWidth)), ("stages", "\(sizes.widths)"), ("blocks", "\(sizes.blocks)"),
        ("attention", "\(sizes.attentionBlocks)"), ("attention_heads", "\(sizes.attentionHeads)"),
      ]
    }
    members += [
      ("out_chans", String(decoder.width)), ("prompt_embed_dim", String(decoder.width)),
      ("mask_in_chans", String(decoder.maskInputChannels)), ("dec_depth", String(decoder.depth)),
      ("dec_num_heads", String(decoder.heads)), ("dec_mlp_dim", String(decoder.mlpWidth)),
      ("attention_downsample_rate", String(decoder.attentionDownsampling)),
      ("num_multimask_outputs", String(decoder.multimaskOutputs)),
      ("iou_head_depth", String(decoder.iouHeadDepth)),
      ("iou_head_hidden_dim", String(decoder.iouHeadWidth)),
    ]
    return "{" + members.map { "\(JSONValue.quoted($0.0)): \($0.1)" }.joined(separator: ", ") + "}"
  }
}
