public import Checkpoints
public import Modeling
public import Tensors

extension RecognizedModel {
  /// Writes the model as a safetensors file that stands by itself: official names, and in the metadata the
  /// configuration, so that what tensors cannot tell (head counts, a convolutional model's input size) needs no second
  /// file. Other text of the checkpoint, such as the terms of its weights, is kept.
  ///
  /// In half precision are then the tensors with two or more dimensions: the matrices and kernels, nearly all of a
  /// model. Norms, biases, statistics and single embeddings stay in Float32, and so do the positional encoding's few random
  /// numbers, which would move every position, and any tensor with values beyond what half precision holds.
  ///
  /// - Parameters:
  ///   - path: where to write.
  ///   - metadata: of the checkpoint that the model came from.
  ///   - half: whether to round to half precision: half the size, in the file and in memory.
  /// - Throws: ``CheckpointError`` that names the path.
  public func write(to path: String, metadata: [String: String], half: Bool = false) throws(CheckpointError) {
    try RecognizedModel.write(
      parameters, configuration, name: name, metadata: metadata, half: half, to: path)
  }

  /// Writes parameters of a model that did not come from a checkpoint, such as one that was trained; see
  /// ``write(to:metadata:half:)``.
  ///
  /// - Parameters:
  ///   - parameters: by official names.
  ///   - configuration: the model's sizes.
  ///   - name: what the model is called.
  ///   - metadata: further text.
  ///   - half: whether to round to half precision.
  ///   - path: where to write.
  /// - Throws: ``CheckpointError`` that names the path.
  public static func write(
    _ parameters: [String: Tensor], _ configuration: ModelConfiguration, name: String,
    metadata: [String: String] = [:], half: Bool = false, to path: String
  ) throws(CheckpointError) {
    var metadata = metadata
    metadata["config"] = configuration.json(name: name)
    try Checkpoint.write(parameters, metadata: metadata, to: path) { name, tensor in
      half && RecognizedModel.isHalved(name, tensor) ? .float16 : .float32
    }
  }

  /// Whether a parameter is rounded in a file of half precision.
  private static func isHalved(_ name: String, _ tensor: Tensor) -> Bool {
    guard tensor.shape.count(where: { $0 > 1 }) > 1,
      !name.hasSuffix(".positional_encoding_gaussian_matrix")
    else { return false }
    // What half precision cannot hold must not become infinite.
    return tensor.isHalf || tensor.withUnsafeBuffer { $0.allSatisfy { abs($0) < 65504 } }
  }
}
