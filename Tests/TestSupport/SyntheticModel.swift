public import Checkpoints
public import Modeling
public import Tensors

/// Random parameters of a small model with the official names.
public struct SyntheticModel: Sendable {
  /// By name.
  public var tensors: [String: Tensor] = [:]
  private var random = SplitMix64(seed: 5)

  /// A model without parameters.
  public init() {}

  /// Adds a tensor of random values.
  public mutating func add(_ name: String, _ shape: [Int]) {
    let count = shape.reduce(1, *)
    let values = (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
    guard let size = Shape(checking: shape) else { return }
    tensors[name] = Tensor(values, shape: size)
  }

  /// A vision transformer and a decoder of the given sizes.
  public static func viT(_ sizes: ViTConfiguration, decoder: DecoderConfiguration) -> SyntheticModel {
    let configuration = ModelConfiguration(
      imageSize: sizes.storedPositions * sizes.patchSize, encoder: .viT(sizes), decoder: decoder)
    var model = SyntheticModel()
    model.addAll { parameters throws(ModelError) in
      _ = try ImageEncoder(parameters["image_encoder"], configuration)
    }
    model.addDecoder(configuration)
    return model
  }

  /// Adds a prompt encoder and a mask decoder.
  public mutating func addDecoder(_ configuration: ModelConfiguration) {
    addAll { parameters throws(ModelError) in
      _ = try PromptEncoder(parameters["prompt_encoder"], configuration)
      _ = try MaskDecoder(parameters["mask_decoder"], configuration)
    }
  }

  /// Adds what modules ask for. Where sizes make no model something will be missing, and the test fails.
  private mutating func addAll(_ modules: (Parameters) throws(ModelError) -> Void) {
    var stream = random
    let generator = ParameterGenerator(batchNorms: false) { _, shape in
      Tensor((0..<shape.elementCount).map { _ in Float.random(in: -1...1, using: &stream) }, shape: shape)
    }
    try? modules(Parameters(generating: generator))
    random = stream
    tensors.merge(generator.tensors) { old, _ in old }
  }

  /// The parameters written to a file and read back.
  public func checkpoint(
    in folder: TemporaryDirectory, named name: String = "model.safetensors", metadata: [String: String] = [:],
    renaming: (String) -> String? = { $0 }
  ) throws -> Checkpoint {
    var renamed: [String: Tensor] = [:]
    for (name, tensor) in tensors { if let new = renaming(name) { renamed[new] = tensor } }
    try Checkpoint.write(renamed, metadata: metadata, to: folder.file(name))
    return try Checkpoint(contentsOfFile: folder.file(name))
  }
}
