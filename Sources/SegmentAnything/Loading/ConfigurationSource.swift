internal import Checkpoints
internal import Files

/// A model's written configuration: what tensors cannot tell (head counts, a convolutional model's input size)
/// comes from here, and everything else here must agree with the tensors.
///
/// Understood are this project's own keys, those of the original code's constructors, MobileSAM's, and Hugging
/// Face's `SamConfig`; other keys are not looked at.
struct ConfigurationSource {
  /// What errors call it: a file, or the checkpoint's metadata.
  let name: String
  private let root: JSONValue

  /// A size that a configuration may state: the keys it goes by, with a dot between levels.
  enum Field: String, CaseIterable {
    case imageSize = "image_size vision_config.image_size"
    case promptImageSize = "prompt_encoder_config.image_size"
    case patchSize = "patch_size vision_config.patch_size prompt_encoder_config.patch_size"
    case encoderWidth = "embed_dim vision_config.hidden_size"
    case encoderDepth = "depth vision_config.num_hidden_layers"
    case encoderHeads = "num_heads vision_config.num_attention_heads"
    case encoderMLPWidth = "vision_config.mlp_dim"
    case windowSize = "window_size vision_config.window_size"
    case globalBlocks = "global_attn_indexes vision_config.global_attn_indexes"
    case embeddingWidth = "out_chans vision_config.output_channels"
    case stageWidths = "embed_dims stages"
    case stageDepths = "depths blocks"
    case stageHeads = "num_heads attention_heads"
    case stageWindows = "window_sizes"
    case stageAttention = "attention"
    case stemWidth = "stem"
    case decoderWidth = "prompt_embed_dim mask_decoder_config.hidden_size"
    case promptWidth = "prompt_encoder_config.hidden_size"
    case decoderDepth = "dec_depth decoder_depth mask_decoder_config.num_hidden_layers"
    case decoderHeads = "dec_num_heads decoder_heads mask_decoder_config.num_attention_heads"
    case decoderMLPWidth = "dec_mlp_dim decoder_mlp mask_decoder_config.mlp_dim"
    case attentionDownsampling = "attention_downsample_rate mask_decoder_config.attention_downsample_rate"
    case maskInputChannels = "mask_in_chans prompt_encoder_config.mask_input_channels"
    case multimaskOutputs = "num_multimask_outputs mask_decoder_config.num_multimask_outputs"
    case iouHeadDepth = "iou_head_depth mask_decoder_config.iou_head_depth"
    case iouHeadWidth = "iou_head_hidden_dim mask_decoder_config.iou_head_hidden_dim"

    var keys: [Substring] { rawValue.split(separator: " ") }
  }

  /// A configuration from JSON: the object itself, or one under the key `config`.
  init(parsing bytes: UnsafeRawBufferPointer, name: String) throws(RecognitionError.Reason) {
    self.name = name
    do {
      let document = try JSONValue(parsing: bytes)
      root = document["config"] ?? document
    } catch {
      throw .configuration(source: name, problem: "byte \(error.offset): \(error.problem)")
    }
    guard case .object = root else { throw .configuration(source: name, problem: "not an object") }
    for field in Field.allCases { try checkRange(of: field) }
  }

  /// Throws where a field is a number that no size can be. Values of other types belong to other programs.
  private func checkRange(of field: Field) throws(RecognitionError.Reason) {
    guard let (key, value) = value(field) else { return }
    let sizes = 0...1_000_000
    let isPossible =
      switch value {
      case .number(let number): number >= 1 && value.integer.map(sizes.contains) ?? false
      case .array: value.integers?.allSatisfy(sizes.contains) ?? true
      default: true
      }
    if !isPossible { throw .configuration(source: name, problem: "\(key) is not a size") }
  }

  /// The configuration that belongs to a checkpoint, if there is one, and whether a contradiction is an error.
  ///
  /// In this order: the metadata's `config`; `STEM_config.json` beside `STEM.*`; the same with the stem cut at an
  /// underscore, hyphen or dot; `config.json`, which comes before those for Hugging Face's names. All but the first two
  /// may be about another file in the same folder: a contradiction means that they are, except for `config.json`
  /// and Hugging Face's names.
  static func find(
    for checkpoint: Checkpoint, naming: CheckpointNaming
  ) throws(RecognitionError.Reason) -> (source: ConfigurationSource, isBinding: Bool)? {
    if let text = checkpoint.metadata["config"], checkpoint.format == .safetensors {
      let result = Array(text.utf8).withUnsafeBytes { bytes in
        Result { () throws(RecognitionError.Reason) in
          try ConfigurationSource(parsing: bytes, name: "the metadata's config")
        }
      }
      return (try result.get(), true)
    }
    let folder = checkpoint.path.lastIndex(of: "/").map { checkpoint.path[...$0] } ?? ""
    let file = checkpoint.path.dropFirst(folder.count)
    let stem = file.lastIndex(of: ".").map { file[..<$0] } ?? file
    if let source = try read("\(folder)\(stem)_config.json") { return (source, true) }
    // The model's own files before those of another form of it: sam_small_legacy.pth beside sam_small_config.json.
    let isBinding = naming == .huggingFace
    let shorter = stem.indices.reversed().filter { "_-.".contains(stem[$0]) }.map { stem[..<$0] + "_" }
    for name in (isBinding ? [""] + shorter : shorter + [""]) {
      do {
        if let source = try read("\(folder)\(name)config.json") {
          return (source, isBinding && name.isEmpty)
        }
      } catch {
        if isBinding && name.isEmpty { throw error }
      }
    }
    return nil
  }

  /// A configuration file; nil where there is none.
  private static func read(_ path: String) throws(RecognitionError.Reason) -> ConfigurationSource? {
    guard let file = try? MappedFile(path: path) else { return nil }
    let limit = 4 << 20
    return try file.withBytes { (bytes) throws(RecognitionError.Reason) in
      guard bytes.count <= limit else {
        throw .configuration(source: path, problem: "\(bytes.count) bytes, more than the limit of \(limit)")
      }
      return try ConfigurationSource(parsing: bytes, name: path)
    }
  }

  /// The value of a field, by the first of its keys that is there.
  private func value(_ field: Field) -> (key: String, value: JSONValue)? {
    for key in field.keys {
      var value: JSONValue? = root
      for part in key.split(separator: ".") { value = value?[String(part)] }
      if let value, value != .null { return (String(key), value) }
    }
    return nil
  }

  /// A whole number, where the configuration has that field.
  func integer(_ field: Field) -> Int? { value(field)?.value.integer }

  /// A list of whole numbers, where the configuration has that field.
  func integers(_ field: Field) -> [Int]? { value(field)?.value.integers }

  /// Whether a truth value is stated, and as `value`.
  func states(_ key: String, _ value: Bool) -> Bool {
    [root[key], root["vision_config"]?[key]].contains(.bool(value))
  }

  /// A text at the top level.
  func text(_ key: String) -> String? { root[key]?.text }

  /// Throws where the configuration states another number than the tensors.
  func check(_ field: Field, is number: Int) throws(RecognitionError.Reason) {
    guard let (key, value) = value(field), let stated = value.integer, stated != number else { return }
    throw .conflict(source: name, field: key, configured: String(stated), tensors: String(number))
  }

  /// Throws where the configuration states other numbers than the tensors.
  func check(_ field: Field, is numbers: [Int]) throws(RecognitionError.Reason) {
    guard let (key, value) = value(field), let stated = value.integers, stated != numbers else { return }
    throw .conflict(source: name, field: key, configured: "\(stated)", tensors: "\(numbers)")
  }
}
