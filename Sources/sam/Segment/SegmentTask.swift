import Imaging
import SegmentAnything
import Tensors

/// One image with its prompts, and where the answers go.
struct SegmentTask {
  /// The image's path, `-` for standard input; nil where an embedding stands in for it.
  var image: String?
  /// The file of an embedding to use instead of encoding the image.
  var embedding: String?
  /// What to segment.
  var prompts: [PromptRequest]
  /// Where masks are written, `-` for standard output.
  var output: OutputNames?
  /// Where the picture with the masks painted on it is written.
  var overlay: String?

  /// What messages and JSON call it.
  var name: String { image ?? embedding ?? "" }
}

/// The answers for one image.
struct SegmentedImage {
  /// Width and height in pixels.
  var width: Int, height: Int
  /// One mask for each prompt, or three.
  var masks: [SegmentedMask]
  /// How long each step took.
  var times: StepTimes
}

/// One mask of an answer.
struct SegmentedMask {
  /// The position of its prompt, from 0.
  var prompt: Int
  /// What the user calls the prompt.
  var name: String?
  /// The mask at the image's size.
  var mask: Mask
  /// The IoU with the object that the model expects.
  var predictedIoU: Float
  /// The model's logits, size/4 x size/4.
  var logits: Tensor
  /// Where it was written.
  var file: String?
}
