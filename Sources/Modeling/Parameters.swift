public import Tensors

/// A model's parameters by their official names; a model is made from them and holds no others.
///
/// Making a model costs little: it shares the tensors' memory, reordering the weights of small convolutions only. So
/// training can keep its state in one value of this type, and make the model anew after each step.
public struct Parameters: Sendable {
  /// The tensors by full name.
  public let tensors: [String: Tensor]
  /// What comes before the names asked for: empty, or ends with a dot.
  public private(set) var prefix: String
  /// Where the model's operations run.
  public let compute: Compute
  #if !hasFeature(Embedded)
    /// What modules made from these parameters do besides, where they are to be trained.
    public private(set) var training: TrainingMode?
    /// Makes up what is not there, where a model is to begin from random values.
    private var generator: ParameterGenerator?
  #endif

  /// Parameters by their full names.
  public init(_ tensors: [String: Tensor], on compute: Compute = .shared) {
    self.tensors = tensors
    self.prefix = ""
    self.compute = compute
  }

  #if !hasFeature(Embedded)
    /// Parameters of a model that is trained: variables of a tape.
    public init(_ tensors: [String: Tensor], on compute: Compute, training: TrainingMode) {
      self.init(tensors, on: compute)
      self.training = training
    }

    /// No parameters: a generator makes those that modules ask for.
    public init(generating generator: ParameterGenerator, on compute: Compute = .shared) {
      self.init([:], on: compute)
      self.generator = generator
    }
  #endif

  /// The parameters whose names begin with `name` and a dot, to be asked for without them.
  public subscript(_ name: String) -> Parameters {
    var result = self
    result.prefix += name + "."
    return result
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
    #if !hasFeature(Embedded)
      if let generator { return generator.tensor(prefix + name, shape).on(compute) }
    #endif
    guard let tensor = tensors[prefix + name] else { throw .missingTensor(name: prefix + name) }
    guard tensor.shape == shape else {
      throw .misshapenTensor(name: prefix + name, expected: shape, found: tensor.shape)
    }
    return tensor.on(compute)
  }

  /// Whether encoder blocks keep their input only; see ``TrainingMode``.
  var recomputesBlocks: Bool {
    #if hasFeature(Embedded)
      false
    #else
      training?.settings.recomputesBlocks ?? false
    #endif
  }

  /// The number of elements of the tensor of a name, where it is there.
  func count(_ name: String) -> Int? { tensors[prefix + name]?.count }

  /// Whether a tensor of that name is there.
  public func has(_ name: String) -> Bool {
    #if !hasFeature(Embedded)
      if let generator { return generator.has(prefix + name) }
    #endif
    return tensors[prefix + name] != nil
  }
}
