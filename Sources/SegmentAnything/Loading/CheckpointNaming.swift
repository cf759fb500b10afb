internal import Tensors

/// The conventions by which checkpoints name the parameters of a Segment Anything model.
///
/// Which one a file follows is told from its names. Whatever wraps them (`module.` of data-parallel training,
/// `_orig_mod.` of compilation, `model.`, `sam.` or any other prefix) is taken off first.
public enum CheckpointNaming: String, Sendable, Hashable, CaseIterable {
  /// `image_encoder.blocks.0.norm1.weight`: the original release, MobileSAM, and what this library writes.
  case official
  /// `vision_encoder.layers.0.layer_norm1.weight`: `SamModel` of Hugging Face Transformers.
  case huggingFace = "Hugging Face"

  /// The tensor that every model has, in both conventions.
  static let marker = "mask_decoder.iou_token.weight"
}

/// A checkpoint's parameters under their official names.
struct NamedParameters {
  let naming: CheckpointNaming
  /// The tensors of the three parts; everything else in the file is left out.
  let tensors: [String: Tensor]

  /// Takes the prefixes off, recognises the convention and translates the names.
  ///
  /// - Parameters:
  ///   - tensors: the tensors by their name in the file.
  ///   - markers: names that tell where the model is, the first one found counts.
  init(_ tensors: [String: Tensor], markers: [String]) throws(RecognitionError.Reason) {
    var plain: [String: Tensor] = [:]
    plain.reserveCapacity(tensors.count)
    for (name, tensor) in tensors { plain[NamedParameters.withoutWrappers(name)] = tensor }
    let prefix = try NamedParameters.prefix(in: plain.keys, markers: markers)
    let names = plain.keys.filter { $0.hasPrefix(prefix) }
    let own = names.map { (String($0.dropFirst(prefix.count)), $0) }

    let isHuggingFace = own.contains { name, _ in
      name.hasPrefix("vision_encoder.") || name.hasPrefix("mask_decoder.upscale_conv1.")
    }
    naming = isHuggingFace ? .huggingFace : .official
    let translation = HuggingFaceNames(own.lazy.map(\.0))
    var result: [String: Tensor] = [:]
    result.reserveCapacity(own.count)
    // Sorted, so that `shared_image_embedding`, a copy, never takes the place of the prompt encoder's own.
    for (name, full) in own.sorted(by: { $0.0 < $1.0 }) {
      guard let official = isHuggingFace ? translation.official(name) : name,
        NamedParameters.isParameter(official),
        result[official] == nil
      else { continue }
      result[official] = plain[full]
    }
    self.tensors = result
  }

  /// A name without the components that wrappers insert.
  private static func withoutWrappers(_ name: String) -> String {
    guard name.utf8.split(separator: UInt8(ascii: ".")).contains(where: isWrapper) else { return name }
    return name.split(separator: ".", omittingEmptySubsequences: false)
      .filter { !isWrapper($0.utf8) }.joined(separator: ".")
  }

  private static func isWrapper(_ component: some Sequence<UInt8>) -> Bool {
    component.elementsEqual("module".utf8) || component.elementsEqual("_orig_mod".utf8)
  }

  /// What comes before the model's own names: empty, or ending with a dot.
  private static func prefix(
    in names: some Collection<String>, markers: [String]
  ) throws(RecognitionError.Reason) -> String {
    for marker in markers {
      let prefixes = names.filter { $0 == marker || $0.hasSuffix("." + marker) }.map {
        $0.dropLast(marker.count)
      }
      guard !prefixes.isEmpty else { continue }
      // Beside the model itself a file may hold a running average of it.
      let usual: Set<Substring> = ["model", "sam", "net", "sam_model"]
      let plain = prefixes.filter { $0.split(separator: ".").allSatisfy(usual.contains) }
      if let shortest = plain.min(by: { ($0.count, $0) < ($1.count, $1) }) { return String(shortest) }
      guard prefixes.count == 1 else {
        throw .ambiguous(prefixes: prefixes.map { String($0.dropLast()) }.sorted())
      }
      return String(prefixes[0])
    }
    throw .notSegmentAnything(lookedFor: markers[0], firstNames: Array(names.sorted().prefix(5)))
  }

  /// Whether a tensor belongs to the model and is used: not the classification head that TinyViT was
  /// pre-trained with, and no counters.
  private static func isParameter(_ name: String) -> Bool {
    let parts = ["image_encoder.", "prompt_encoder.", "mask_decoder."]
    guard parts.contains(where: name.hasPrefix) else { return false }
    return !name.hasPrefix("image_encoder.head.") && !name.hasPrefix("image_encoder.norm_head.")
      && !name.hasSuffix(".num_batches_tracked") && !name.hasSuffix(".attention_bias_idxs")
  }
}
