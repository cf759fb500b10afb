/// Why a checkpoint is not a Segment Anything model that this library knows: the file, and what was looked for.
public struct RecognitionError: Error, Sendable, Equatable {
  /// The checkpoint's path.
  public var path: String
  /// What is wrong.
  public var reason: Reason

  /// An error about `path`.
  public init(path: String, reason: Reason) {
    self.path = path
    self.reason = reason
  }

  /// What is wrong with a checkpoint's tensors or configuration.
  public enum Reason: Error, Sendable, Equatable {
    /// No tensor of the name that every model has; the first names that are there.
    case notSegmentAnything(lookedFor: String, firstNames: [String])
    /// An image encoder of a form that is not known: none of the names that tell the forms apart is there.
    case unknownEncoder(lookedFor: [String], firstNames: [String])
    /// Several models in one file, behind these prefixes.
    case ambiguous(prefixes: [String])
    /// A tensor that a size is read from is not there.
    case missingTensor(name: String)
    /// A tensor that a size is read from has an impossible shape.
    case misshapenTensor(name: String, shape: [Int])
    /// Windowed blocks have relative positions of different lengths.
    case mixedWindows(lengths: [Int])
    /// A configuration contradicts the tensors.
    case conflict(source: String, field: String, configured: String, tensors: String)
    /// A configuration cannot be read.
    case configuration(source: String, problem: String)
  }
}
