import SegmentAnything

/// One prompt as the user wrote it; its mask is still a file.
struct PromptRequest {
  /// What the user calls it.
  var name: String?
  /// Points in XY pixels of the image.
  var points: [PointPrompt] = []
  /// A box in XY pixels of the image.
  var box: Box?
  /// A mask's path.
  var mask: String?
  /// Whether three masks are wanted.
  var multimask = false
}
