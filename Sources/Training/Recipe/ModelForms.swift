public import Modeling

/// Models by name, to begin from random values.
public enum ModelForms {
  /// All names.
  public static let names = ["vit_b", "vit_l", "vit_h", "nano"]

  /// The sizes of a form; nil for an unknown name.
  public static func named(_ name: String) -> ModelConfiguration? {
    func viT(_ width: Int, _ depth: Int) -> ModelConfiguration? {
      guard let known = ViTConfiguration.known(width: width, depth: depth) else { return nil }
      return ModelConfiguration(
        imageSize: 1024,
        encoder: .viT(
          ViTConfiguration(
            width: width, depth: depth, heads: known.heads, mlpWidth: 4 * width,
            globalBlocks: known.globalBlocks)), decoder: DecoderConfiguration())
    }
    switch name {
    case "vit_b": return viT(768, 12)
    case "vit_l": return viT(1024, 24)
    case "vit_h": return viT(1280, 32)
    case "nano":
      return ModelConfiguration(
        imageSize: 384,
        encoder: .hybrid(
          HybridConfiguration(
            stemWidth: 24, widths: [48, 96, 160, 256], blocks: [2, 3, 3, 0], attentionBlocks: [0, 0, 2, 2],
            attentionHeads: [1, 1, 5, 8])),
        decoder: DecoderConfiguration(
          width: 128, mlpWidth: 512, iouHeadWidth: 128, hasHighResolutionFeatures: true))
    default: return nil
    }
  }
}
