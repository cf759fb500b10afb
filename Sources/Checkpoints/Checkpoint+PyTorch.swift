internal import Tensors

extension Checkpoint {
  /// The parameters of what `torch.save` wrote.
  init(
    _ archive: some PyTorchArchive, format: Format, bytes: UnsafeRawBufferPointer, keeper: AnyObject,
    path: String,
    on compute: Compute
  ) throws(CheckpointError.Reason) {
    let dictionary = try StateDictionary(archive.root, in: archive.machine)
    var budget = CopyBudget(file: bytes.count)
    var tensors: [String: Tensor] = [:]
    tensors.reserveCapacity(dictionary.tensors.count)
    // In the order of names, so that of several faults always the same one is reported.
    for (name, tensor) in dictionary.tensors.sorted(by: { $0.key < $1.key })
    where tensor.scalar.isFloatingPoint {
      let stored = try archive.stored(tensor, named: name, keeper: keeper)
      tensors[name] = try budget.tensor(stored, named: name, on: compute)
    }
    guard !tensors.isEmpty else { throw .noTensors(keys: Array(dictionary.tensors.keys.sorted().prefix(5))) }
    self.init(path: path, format: format, tensors: tensors, metadata: dictionary.metadata)
  }
}

extension PyTorchArchive {
  /// A tensor's place in the file, where its storage is there in full.
  func stored(
    _ tensor: PickledTensor, named name: String, keeper: AnyObject
  ) throws(CheckpointError.Reason) -> StoredTensor {
    let storage = machine.storages[tensor.storage]
    let width = storage.scalar?.width ?? 1
    guard let bytes = try bytes(of: storage), storage.count <= bytes.count / width else {
      throw .missingStorage(tensor: name, key: (try? machine.text(storage.key)) ?? "")
    }
    return StoredTensor(
      scalar: tensor.scalar, bytes: UnsafeRawBufferPointer(rebasing: bytes[..<(storage.count * width)]),
      offset: tensor.offset, shape: tensor.shape, strides: tensor.strides, keeper: keeper)
  }
}
