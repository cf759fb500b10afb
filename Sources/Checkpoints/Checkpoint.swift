internal import Files
public import Tensors

/// A model's floating-point parameters by their name in the file.
///
/// The file is mapped into memory: parameters in Float32 and half precision are views of it, so that opening a
/// checkpoint of gigabytes takes milliseconds and pages are read when they are first used. Tensors in bfloat16 and double
/// precision, unaligned and strided ones are converted into memory of their own.
///
/// ```swift
/// let checkpoint = try Checkpoint(contentsOfFile: "sam_vit_b_01ec64.pth")
/// checkpoint.tensors["image_encoder.pos_embed"]?.shape  // 1x64x64x768
/// ```
///
/// The format is told from the content: safetensors, or what `torch.save` writes (`docs/formats.md`). Files
/// from strangers are safe to open: nothing in a file is run, and memory stays within a small multiple of the
/// file. As with every memory map, a file that somebody cuts short while it is open takes the process with it;
/// replace checkpoints by renaming, as ``write(_:metadata:to:as:)`` does.
public struct Checkpoint: Sendable {
  /// The file's path, or the name given to the bytes.
  public let path: String
  /// The file's format.
  public let format: Format
  /// The floating-point tensors by name. Integer tensors, such as batch counters, are left out.
  public var tensors: [String: Tensor]
  /// Free text by name: the `__metadata__` of safetensors, or the strings and numbers beside the state
  /// dictionary in a PyTorch file.
  public var metadata: [String: String]

  /// How a checkpoint is stored.
  public enum Format: String, Sendable, Hashable, CaseIterable {
    /// A JSON header, then numbers.
    case safetensors
    /// The zip archive that PyTorch 1.6 and later write.
    case pytorchZip = "PyTorch (zip)"
    /// The sequence of pickles that earlier versions wrote.
    case pytorchLegacy = "PyTorch (before 1.6)"
  }

  /// Maps a checkpoint file.
  ///
  /// - Parameters:
  ///   - path: the file; its name says nothing about the format.
  ///   - compute: where operations on the tensors run.
  /// - Throws: ``CheckpointError`` that names the path.
  public init(contentsOfFile path: String, compute: Compute = .shared) throws(CheckpointError) {
    let file: MappedFile
    do {
      file = try MappedFile(path: path)
    } catch {
      throw CheckpointError(path: path, reason: .file(error))
    }
    self = try file.withBytes { (bytes) throws(CheckpointError) in
      try Checkpoint(bytes: bytes, keeper: file, path: path, on: compute)
    }
  }

  /// Reads any of the formats from memory that `keeper` keeps valid.
  init(
    bytes: UnsafeRawBufferPointer, keeper: AnyObject, path: String, on compute: Compute
  ) throws(CheckpointError) {
    do throws(CheckpointError.Reason) {
      switch Format(of: bytes) {
      case .safetensors:
        try self.init(safetensors: bytes, keeper: keeper, path: path, on: compute)
      case .pytorchZip:
        let archive = try PyTorchZipArchive(bytes)
        try self.init(archive, format: .pytorchZip, bytes: bytes, keeper: keeper, path: path, on: compute)
      case .pytorchLegacy:
        let archive = try PyTorchLegacyArchive(bytes)
        try self.init(archive, format: .pytorchLegacy, bytes: bytes, keeper: keeper, path: path, on: compute)
      case nil:
        throw CheckpointError.Reason.unknownFormat(looksLike: Format.resemblance(of: bytes))
      }
    } catch {
      throw CheckpointError(path: path, reason: error)
    }
  }

  /// A checkpoint in safetensors format that is in memory, such as the weights inside the library.
  ///
  /// - Parameters:
  ///   - bytes: the whole file; valid while `keeper` lives.
  ///   - keeper: the owner of the bytes; tensors hold on to it.
  ///   - name: what errors call the checkpoint.
  ///   - compute: where operations on the tensors run.
  /// - Throws: ``CheckpointError`` that names `name`.
  public init(
    safetensors bytes: UnsafeRawBufferPointer, keeper: AnyObject, name: String, compute: Compute = .shared
  ) throws(CheckpointError) {
    do {
      try self.init(safetensors: bytes, keeper: keeper, path: name, on: compute)
    } catch {
      throw CheckpointError(path: name, reason: error)
    }
  }

  private init(
    safetensors bytes: UnsafeRawBufferPointer, keeper: AnyObject, path: String, on compute: Compute
  ) throws(CheckpointError.Reason) {
    let header = try SafetensorsHeader(bytes)
    self.path = path
    format = .safetensors
    metadata = header.metadata
    tensors = [:]
    tensors.reserveCapacity(header.tensors.count)
    var budget = CopyBudget(file: bytes.count)
    for (name, item) in header.tensors where item.scalar.isFloatingPoint {
      let stored = StoredTensor(
        scalar: item.scalar, bytes: item.bytes, offset: 0, shape: item.shape,
        strides: StoredTensor.rowMajorStrides(of: item.shape), keeper: keeper)
      tensors[name] = try budget.tensor(stored, named: name, on: compute)
    }
    guard !tensors.isEmpty else { throw .noTensors(keys: Array(header.tensors.keys.sorted().prefix(5))) }
  }

  init(
    path: String, format: Format, tensors: [String: Tensor], metadata: [String: String]
  ) {
    self.path = path
    self.format = format
    self.tensors = tensors
    self.metadata = metadata
  }
}

/// How much memory the copies of one file's tensors may still take: eight times the file's size in all.
///
/// Converting bfloat16 doubles a file; only a forged one, in which many tensors share one storage or
/// repeat it by strides of zero, needs more.
struct CopyBudget {
  private let limit: Int
  private var left: Int

  init(file bytes: Int) {
    limit = 8 * bytes + 1 << 20
    left = limit
  }

  mutating func tensor(
    _ stored: StoredTensor, named name: String, on compute: Compute
  ) throws(CheckpointError.Reason) -> Tensor {
    switch stored.tensor(on: compute, budget: &left) {
    case .success(let tensor): return tensor
    case .failure(let failure):
      switch failure.problem {
      case .shape: throw .shape(tensor: name, shape: stored.shape)
      case .outsideStorage: throw .outsideStorage(tensor: name)
      case .budget: throw .expands(tensor: name, limit: limit)
      }
    }
  }
}
