public import Checkpoints
public import Files
public import Imaging
public import Modeling

/// Anything that keeps Segment Anything from answering, as data; see the description for the wording.
public enum SAMError: Error, Sendable, Equatable {
  /// An image cannot be read or written.
  case image(ImageError)
  /// A checkpoint file cannot be read.
  case checkpoint(CheckpointError)
  /// A checkpoint is not a Segment Anything model that this library knows.
  case recognition(RecognitionError)
  /// A checkpoint lacks something that its own sizes call for.
  case model(path: String, ModelError)
  /// A file cannot be read or written.
  case file(FileError)
  /// A prompt makes no sense for the image.
  case prompt(PromptError)
  /// An embedding file is damaged, or belongs to another model.
  case embedding(EmbeddingError)
  /// Everything mode cannot run with its settings.
  case generator(GeneratorError)
  /// The surrounding task was cancelled.
  case cancelled
}

/// Why a prompt makes no sense.
public enum PromptError: Error, Sendable, Equatable {
  /// Neither point, box nor mask.
  case empty
  /// A coordinate is not a number, or infinite.
  case notFinite(part: Part)
  /// A point or box lies outside the image.
  case outside(part: Part, width: Int, height: Int)
  /// A box whose right or bottom edge comes before the left or top one.
  case invertedBox(Box)
  /// Mask logits of another size than the model's.
  case logitsSize(found: [Int], expected: Int)
  /// A binary mask of another size than the image.
  case maskSize(width: Int, height: Int, expectedWidth: Int, expectedHeight: Int)
  /// A binary mask without a single pixel.
  case emptyMask
  /// No image has been set.
  case noImage

  /// The part of a prompt that is at fault.
  public enum Part: Sendable, Equatable {
    /// A point.
    case point(x: Float, y: Float)
    /// A box.
    case box(Box)
    /// Mask logits.
    case logits
  }
}

/// Why an embedding cannot be used.
public enum EmbeddingError: Error, Sendable, Equatable {
  /// The file is not an embedding, or lacks something.
  case malformed(path: String, what: String)
  /// The embedding was made for another input size than the model runs at, or has other features than it wants.
  case otherForm(expected: String, found: String)
  /// The embedding was made by another model.
  case otherModel(path: String?, embedding: String, model: String)
}
