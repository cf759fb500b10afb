public import Tensors

/// A model's parameters by their official names; a model is made from them and holds no others.
///
/// Making a model costs little: it shares the tensors' memory, reordering the weights of small convolutions only. So
/// training can keep its state in one value of this type, and make the model anew after each step.
public struct Parameters: Sendable {
  /// The tensors by full name.
  public let tensors: [String: Tensor]
  /// What comes before the names asked for: empty, or ends with a dot.
  public let prefix: String
  /// Where the model's operations run.
  public let compute: Compute

  /// Parameters by their full names.
  public init(_ tensors: [String: Tensor], on compute: Compute = .shared) {
    self.init(tensors: tensors, prefix: "", compute: compute)
  }

  private init(tensors: [String: Tensor], prefix: String, compute: Compute) {
    self.tensors = tensors
    self.prefix = prefix
    self.compute = compute
  }

  /// The parameters whose names begin with `name` and a dot, to be asked for without them.
  public subscript(_ name: String) -> Parameters {
    Parameters(tensors: tensors, prefix: prefix + name + ".", compute: compute)
  }

  /// The tensor of a name, checked to have the given shape, as floats: half-precision weights are converted once, here.
  ///
  /// - Throws: ``ModelError/missingTensor(name:)`` or ``ModelError/misshapenTensor(name:expected:found:)``.
  public func tensor(_ name: String, _ shape: Shape) throws(ModelError) -> Tensor {
    try matrix(name, shape).inFloats()
  }

  /// The tensor of a name, checked to have the given shape, as it is stored: half-precision weights stay views of
  /// their file. For large matrices of linear layers, which are converted while they are packed.
  ///
  /// - Throws: as ``tensor(_:_:)``.
  public func matrix(_ name: String, _ shape: Shape) throws(ModelError) -> Tensor {
    guard let tensor = tensors[prefix + name] else { throw .missingTensor(name: prefix + name) }
    guard tensor.shape == shape else {
      throw .misshapenTensor(name: prefix + name, expected: shape, found: tensor.shape)
    }
    return tensor.on(compute)
  }

  /// Whether a tensor of that name is there.
  public func has(_ name: String) -> Bool { tensors[prefix + name] != nil }
}
