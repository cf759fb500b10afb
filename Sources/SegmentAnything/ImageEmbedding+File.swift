internal import Checkpoints
public import Tensors

// A safetensors file: `image_embedding` (1 x channels x size/16 x size/16, the layout of the reference and of its ONNX
// decoder), `high_res_s0` and `high_res_s1` where the model has them, and metadata: `format`, `fingerprint`,
// `width`, `height`, `image_size`. See docs/formats.md.

extension ImageEmbedding {
  private static let format = "segment-anything-embedding 1"

  /// Reads an embedding from a file.
  ///
  /// That it belongs to a model is checked when it is used with one.
  ///
  /// - Throws: ``SAMError/checkpoint(_:)`` for a damaged file, ``SAMError/embedding(_:)`` for one of another kind.
  public init(contentsOfFile path: String, compute: Compute = .shared) throws(SAMError) {
    let file: Checkpoint
    do throws(CheckpointError) {
      file = try Checkpoint(contentsOfFile: path, compute: compute)
    } catch {
      throw .checkpoint(error)
    }
    func malformed(_ what: String) -> SAMError { .embedding(.malformed(path: path, what: what)) }
    guard file.metadata["format"] == ImageEmbedding.format else { throw malformed("it has another format") }
    func number(_ key: String, atMost limit: Int) throws(SAMError) -> Int {
      guard let text = file.metadata[key], let value = Int(text), (1...limit).contains(value) else {
        throw malformed("\(key) is missing or out of range")
      }
      return value
    }
    let width = try number("width", atMost: 1 << 20)
    let height = try number("height", atMost: 1 << 20)
    let imageSize = try number("image_size", atMost: 1 << 14)
    guard let fingerprint = file.metadata["fingerprint"].flatMap({ ModelFingerprint($0) }) else {
      throw malformed("the model's fingerprint is missing")
    }
    func image(_ name: String, side: Int? = nil) throws(SAMError) -> Tensor? {
      guard let tensor = file.tensors[name] else { return nil }
      guard tensor.shape.count == 4, tensor.shape[0] == 1, tensor.shape[1] > 0,
        tensor.shape[2] == tensor.shape[3], (1...imageSize).contains(tensor.shape[2]),
        tensor.shape[2] == side ?? tensor.shape[2]
      else { throw malformed("tensor \(name) has shape \(tensor.shape)") }
      return tensor.permuted([0, 2, 3, 1])[outermost: 0]
    }
    guard let embedding = try image("image_embedding") else {
      throw malformed("tensor image_embedding is missing")
    }
    let s0 = try image("high_res_s0", side: 4 * embedding.shape[0])
    let s1 = try image("high_res_s1", side: 2 * embedding.shape[0])
    guard (s0 == nil) == (s1 == nil) else {
      throw malformed("only one of two high-resolution features is there")
    }
    self.init(
      width: width, height: height, imageSize: imageSize, fingerprint: fingerprint, embedding: embedding,
      highResolution: s0.flatMap { s0 in s1.map { (s0: s0, s1: $0) } })
  }

  /// Writes the embedding to a file, in one step: a reader never sees half of it.
  ///
  /// - Parameters:
  ///   - path: where to.
  ///   - half: in half precision, which halves the file and moves the masks' edges by less than a pixel.
  /// - Throws: ``SAMError/checkpoint(_:)`` that names the file.
  public func write(to path: String, half: Bool = false) throws(SAMError) {
    func planes(_ features: Tensor) -> Tensor { features.permuted([2, 0, 1]).reshaped(features.planeShape) }
    var tensors = ["image_embedding": planes(embedding)]
    if let highResolution {
      tensors["high_res_s0"] = planes(highResolution.s0)
      tensors["high_res_s1"] = planes(highResolution.s1)
    }
    let metadata = [
      "format": ImageEmbedding.format, "fingerprint": fingerprint.description, "width": String(width),
      "height": String(height), "image_size": String(imageSize),
    ]
    do throws(CheckpointError) {
      try Checkpoint.write(tensors, metadata: metadata, to: path, as: half ? .float16 : .float32)
    } catch {
      throw .checkpoint(error)
    }
  }
}

extension Tensor {
  /// The shape of a channels-last image as one image of planes.
  fileprivate var planeShape: Shape { [1, shape[2], shape[0], shape[1]] }
}
