internal import Checkpoints
internal import EmbeddedModel
public import Modeling
public import Tensors

extension SAM {
  /// Loads a checkpoint: an official `.pth`, MobileSAM's, Hugging Face's, or any of that form, which are told apart by
  /// what is in them. The file is mapped, not read.
  ///
  /// - Parameters:
  ///   - path: of the checkpoint.
  ///   - imageSize: side of the model input, where another than the one the model was trained at is wanted: a
  ///     multiple of 16 (32 for the hybrid encoder). Positions are interpolated; expect somewhat worse masks.
  ///   - precision: how the image encoder computes: with ``Precision/int8`` a vision transformer is faster, and its masks
  ///     are a little different.
  ///   - compute: where the model runs.
  /// - Throws: ``SAMError`` that names the file.
  public init(
    checkpoint path: String, imageSize: Int? = nil, precision: Precision = .float32,
    compute: Compute = .shared
  ) throws(SAMError) {
    let checkpoint: Checkpoint
    do throws(CheckpointError) {
      checkpoint = try Checkpoint(contentsOfFile: path, compute: compute)
    } catch {
      throw .checkpoint(error)
    }
    try self.init(checkpoint, path: path, imageSize: imageSize, precision: precision, compute: compute)
  }

  /// The small model inside the library; needs no file.
  ///
  /// - Parameters:
  ///   - imageSize: side of the model input, where another than the model's own is wanted; a multiple of 32.
  ///   - compute: where the model runs.
  public static func embedded(imageSize: Int? = nil, compute: Compute = .shared) throws(SAMError) -> SAM {
    let checkpoint = try RecognizedModel.embeddedCheckpoint(compute: compute)
    return try SAM(checkpoint, path: nil, imageSize: imageSize, precision: .float32, compute: compute)
  }

  private init(
    _ checkpoint: Checkpoint, path: String?, imageSize: Int?, precision: Precision, compute: Compute
  ) throws(SAMError) {
    let model: RecognizedModel
    do throws(RecognitionError) {
      model = try RecognizedModel(checkpoint)
    } catch {
      throw .recognition(error)
    }
    var configuration = model.configuration
    if let imageSize {
      guard (32...8192).contains(imageSize) else {
        throw .model(
          path: checkpoint.path, .invalidConfiguration(.size(name: "the input size", value: imageSize)))
      }
      configuration.imageSize = imageSize
    }
    let info = ModelInfo(
      name: path == nil ? ModelInfo.embeddedName : model.name, path: path,
      parameterCount: model.parameterCount,
      fingerprint: model.fingerprint,
      notice: path == nil ? ModelInfo.embeddedNotice : checkpoint.metadata["notice"])
    do throws(ModelError) {
      try self.init(
        parameters: model.parameters, configuration: configuration, info: info, precision: precision,
        compute: compute)
    } catch {
      throw .model(path: checkpoint.path, error)
    }
  }
}

extension ModelInfo {
  /// What the model inside is called.
  public static let embeddedName = "sam-nano (inside)"

  /// The terms of the weights inside, which are not those of the code.
  static let embeddedNotice = """
    The weights were trained on photographs of mixed origin, some under non-commercial or research-only terms; use \
    them for research and evaluation. The code is under the Apache License 2.0.
    """
}

/// The weights inside are part of the program and need nobody to keep them.
private final class ProgramData: Sendable {
  static let keeper = ProgramData()
}

extension RecognizedModel {
  /// The parameters and sizes of the small model inside the library.
  public static func embedded() throws(SAMError) -> RecognizedModel {
    let checkpoint = try embeddedCheckpoint(compute: .shared)
    do throws(RecognitionError) { return try RecognizedModel(checkpoint) } catch { throw .recognition(error) }
  }

  fileprivate static func embeddedCheckpoint(compute: Compute) throws(SAMError) -> Checkpoint {
    do throws(CheckpointError) {
      return try Checkpoint(
        safetensors: UnsafeRawBufferPointer(start: sam_embedded_model(), count: sam_embedded_model_size()),
        keeper: ProgramData.keeper, name: ModelInfo.embeddedName, compute: compute)
    } catch {
      throw .checkpoint(error)
    }
  }
}
