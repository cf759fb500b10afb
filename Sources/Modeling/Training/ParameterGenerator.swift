#if !hasFeature(Embedded)
  public import Tensors

  /// Makes the parameters of a new model, one by one, as its modules ask for them: what a model needs is written down in its modules only.
  ///
  /// ```swift
  /// let generator = ParameterGenerator(batchNorms: true) { name, shape in Tensor(repeating: 0, shape: shape) }
  /// _ = try ImageEncoder(Parameters(generating: generator)["image_encoder"], configuration)
  /// generator.tensors  // all that the encoder asked for
  /// ```
  ///
  /// It belongs to one thread at a time.
  public final class ParameterGenerator: @unchecked Sendable {
    /// What has been made so far, by full name.
    public private(set) var tensors: [String: Tensor] = [:]
    private let batchNorms: Bool
    private let make: (_ name: String, _ shape: Shape) -> Tensor

    /// A generator of the given values.
    ///
    /// - Parameters:
    ///   - batchNorms: whether convolutions that may have a batch norm of their own shall have one.
    ///   - make: the values of a parameter.
    public init(batchNorms: Bool, make: @escaping (_ name: String, _ shape: Shape) -> Tensor) {
      self.batchNorms = batchNorms
      self.make = make
    }

    func tensor(_ name: String, _ shape: Shape) -> Tensor {
      if let made = tensors[name], made.shape == shape { return made }
      let tensor = make(name, shape)
      tensors[name] = tensor
      return tensor
    }

    func has(_ name: String) -> Bool { name.hasSuffix(".bn.weight") ? batchNorms : true }
  }
#endif
