/// How the linear layers of a plain vision transformer compute.
public enum Precision: String, Sendable, Hashable, CaseIterable {
  /// In single precision: what the model was trained for.
  case float32
  /// With weights and activations rounded to 8 bits, in the four linear layers of each block of the image encoder, where most
  /// of its time goes: faster, and masks are a little different. Everything else stays in single precision.
  case int8
}
