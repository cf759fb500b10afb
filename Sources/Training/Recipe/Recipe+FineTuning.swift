internal import Files

/// What of a model is fine-tuned.
public enum FineTunedPart: String, Sendable, CaseIterable {
  /// The mask decoder and the prompt encoder, on embeddings that are computed once: for tens of images.
  case decoder
  /// These, and low-rank changes of the image encoder: for hundreds.
  case lora
  /// Everything.
  case all
}

extension Recipe {
  /// A recipe to fine-tune a model on one's own data, as text, so that it can be kept and changed.
  ///
  /// - Parameters:
  ///   - data: datasets as in ``Recipe/data``.
  ///   - checkpoint: the model to begin with; nil for the model inside.
  ///   - part: what is learned.
  ///   - size: side of the model input.
  ///   - images: how many are seen, each as often as it comes.
  ///   - batch: images of a step.
  ///   - rate: the learning rate; nil for one that suits the part.
  ///   - validation: datasets that are measured as it goes on.
  ///   - pictures: the folder of all datasets' pictures, where they do not lie beside the masks.
  public static func fineTuning(
    data: [String], checkpoint: String?, part: FineTunedPart, size: Int, images: Int, batch: Int,
    rate: Double? = nil, validation: [String] = [], pictures: String? = nil
  ) -> String {
    func quoted(_ text: String) -> String { JSONValue.quoted(text) }
    func list(_ paths: [String]) -> String {
      let items = paths.map { path in
        pictures.map { "{path: \(quoted(path)), images: \(quoted($0))}" } ?? quoted(path)
      }
      return "[\(items.joined(separator: ", "))]"
    }
    let rate = rate ?? (part == .all ? 1e-4 : 5e-4)
    let steps = max(1, images / max(1, batch))
    var lines = [
      "model: {checkpoint: \(checkpoint.map(quoted) ?? "embedded")}", "seed: 0",
      "data: \(list(data))",
      "stages:",
      "  - {size: \(size), steps: \(steps), batch: \(batch), rate: \(rate), warmup: \(min(50, steps / 10))}",
      "prompts: {points: [0, 2], without_points: 0}",
      "optimizer: {weight_decay: 0.05, clip: 1.0, average: 0.99}",
    ]
    switch part {
    case .decoder:
      lines += ["freeze: image_encoder.", "augmentation: {flip: 0}"]
    case .lora:
      lines += ["lora: {rank: 8, alpha: 16}", "augmentation: {flip: 0.5, scale: [0.7, 1.4]}"]
    case .all:
      lines += ["augmentation: {flip: 0.5, scale: [0.7, 1.4], brightness: 0.1, contrast: 0.1}"]
    }
    if !validation.isEmpty {
      lines += [
        "validation:", "  data: \(list(validation))",
        "  every: \(max(1, steps / 4))", "  images: 1000", "  masks: 20",
      ]
    }
    lines.append("checkpoint_every: \(max(1, min(200, steps / 5)))")
    return lines.joined(separator: "\n") + "\n"
  }
}
