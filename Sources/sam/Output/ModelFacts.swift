import Checkpoints
import Files
import Modeling
import SegmentAnything

/// A model's description, as key and value.
struct ModelFacts {
  private let facts: [(key: String, label: String, value: JSONText)]

  init(_ model: SAM, format: Checkpoint.Format, naming: CheckpointNaming) {
    let configuration = model.configuration
    let decoder = configuration.decoder
    var facts: [(key: String, label: String, value: JSONText)] = [
      ("name", "model", .string(model.info.name)),
      ("path", "file", .optional(model.info.path, JSONText.string)),
      ("format", "format", .string(format.rawValue)),
      ("naming", "parameter names", .string(naming.rawValue)),
      ("parameters", "parameters", .integer(model.info.parameterCount)),
      ("fingerprint", "fingerprint", .string(model.info.fingerprint.description)),
      ("image_size", "input", .integer(configuration.imageSize)),
    ]
    facts += ModelFacts.encoder(configuration.encoder)
    facts += [
      ("embedding_size", "embedding side", .integer(configuration.embeddingSize)),
      ("prompt_width", "prompt channels", .integer(decoder.width)),
      ("decoder_depth", "decoder layers", .integer(decoder.depth)),
      ("decoder_heads", "decoder heads", .integer(decoder.heads)),
      ("multimask_outputs", "candidate masks", .integer(decoder.multimaskOutputs)),
      ("high_resolution_features", "fine features", .bool(decoder.hasHighResolutionFeatures)),
      ("notice", "terms", .optional(model.info.notice, JSONText.string)),
    ]
    self.facts = facts
  }

  /// One JSON object on one line.
  var json: String { JSONText.object(facts.map { ($0.key, $0.value) }).line }

  /// A line for each fact that is known.
  var text: String {
    let width = facts.map(\.label.count).max() ?? 0
    return facts.compactMap { fact -> String? in
      let value: String
      switch fact.value {
      case .null: return nil
      case .string(let text): value = text
      case .bool(let truth): value = truth ? "yes" : "no"
      case .array(let elements): value = elements.map(\.line).joined(separator: ", ")
      default: value = fact.value.line
      }
      return fact.label + String(repeating: " ", count: width + 2 - fact.label.count) + value
    }.joined(separator: "\n")
  }

  private static func encoder(
    _ encoder: EncoderConfiguration
  ) -> [(key: String, label: String, value: JSONText)] {
    func list(_ values: [Int]) -> JSONText { .array(values.map(JSONText.integer)) }
    switch encoder {
    case .viT(let sizes):
      return [
        ("encoder", "image encoder", .string("ViT")),
        ("width", "channels", .integer(sizes.width)), ("depth", "blocks", .integer(sizes.depth)),
        ("heads", "heads", .integer(sizes.heads)), ("patch_size", "patch", .integer(sizes.patchSize)),
        ("window_size", "window", .integer(sizes.windowSize)),
        ("global_blocks", "global blocks", list(sizes.globalBlocks.sorted())),
      ]
    case .tinyViT(let sizes):
      return [
        ("encoder", "image encoder", .string("TinyViT")), ("widths", "channels", list(sizes.widths)),
        ("depths", "blocks", list(sizes.depths)), ("heads", "heads", list(sizes.heads)),
        ("window_sizes", "windows", list(sizes.windowSizes)),
      ]
    case .hybrid(let sizes):
      return [
        ("encoder", "image encoder", .string("hybrid (convolutions and attention)")),
        ("widths", "channels", list(sizes.widths)), ("blocks", "convolution blocks", list(sizes.blocks)),
        ("attention_blocks", "attention blocks", list(sizes.attentionBlocks)),
        ("heads", "heads", list(sizes.attentionHeads)),
      ]
    }
  }
}
