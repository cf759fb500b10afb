/// What a model is and where it came from.
public struct ModelInfo: Sendable {
  /// A short name: `vit_b`, `mobile_sam`, `sam-nano (inside)`, …
  public let name: String
  /// The checkpoint's path; nil for the model inside.
  public let path: String?
  /// The number of parameters.
  public let parameterCount: Int
  /// Identifies the weights, whatever the file's format.
  public let fingerprint: ModelFingerprint
  /// Terms of the weights, where known.
  public let notice: String?

  /// Describes a model.
  public init(
    name: String, path: String?, parameterCount: Int, fingerprint: ModelFingerprint, notice: String?
  ) {
    self.name = name
    self.path = path
    self.parameterCount = parameterCount
    self.fingerprint = fingerprint
    self.notice = notice
  }
}
