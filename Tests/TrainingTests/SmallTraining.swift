import Datasets
import Files
import Imaging
import Modeling
import Tensors
import TestSupport

@testable import Training

/// A model small enough to be trained in a test, and a recipe for it on made scenes.
enum SmallTraining {
  /// A hybrid model with every kind of layer, batch norms included.
  static let recipe = """
    model:
      form: nano
      stem: 8
      widths: [8, 16, 32, 32]
      blocks: [1, 1, 1, 0]
      attention_blocks: [0, 0, 1, 1]
      attention_heads: [1, 1, 2, 2]
      decoder_width: 32
      image_size: 64
    seed: 3
    shards: 2
    synthetic: 1
    data: []
    stages:
      - {size: 64, steps: 6, batch: 3, rate: 1.0e-3, warmup: 2}
      - {size: 96, steps: 3, batch: 2, rate: 5.0e-4}
    masks_per_image: 3
    augmentation: {scale: [0.7, 1.5], brightness: 0.2, contrast: 0.2, saturation: 0.2}
    prompts: {points: [0, 2], without_points: 1}
    loss: {alpha: 0.5, cross_entropy: 3, cross_entropy_steps: 5}
    optimizer: {betas: [0.9, 0.99], weight_decay: 0.05, clip: 1.0, average: 0.99}
    checkpoint_every: 2
    """

  static func recipe(_ changes: (of: String, to: String)...) throws -> Recipe {
    var text = recipe
    for change in changes {
      guard let range = text.range(of: change.of) else { throw Missing(text: change.of) }
      text.replaceSubrange(range, with: change.to)
    }
    return try Recipe(text, path: "recipe.yml")
  }

  struct Missing: Error { let text: String }

  /// The bytes of a file.
  static func bytes(_ path: String) throws -> [UInt8] {
    try MappedFile(path: path).withBytes { [UInt8]($0) }
  }
}

extension String {
  fileprivate func range(of part: String) -> Range<String.Index>? { firstRange(of: part) }
}
