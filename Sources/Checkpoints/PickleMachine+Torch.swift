extension PickleMachine {
  /// What calling `function` with `arguments` stands for: a tensor or container where the function is one
  /// that PyTorch's files use, else an opaque object.
  mutating func rebuild(_ function: PickleValue, _ arguments: PickleValue) throws(Reason) -> PickleValue {
    guard case .global(let number) = function else {
      guard case .opaque = function else { throw problem("a call of something that is not a function") }
      return function
    }
    guard case .tuple(let range) = arguments else { throw problem("arguments that are not a tuple") }
    let arguments = tuple(range)
    let global = globals[Int(number)]
    switch (global.module, global.name) {
    case ("collections", "OrderedDict"), ("collections", "defaultdict"), ("builtins", "dict"):
      return try dictionary(arguments.last)
    case ("builtins", "set"), ("builtins", "frozenset"), ("__builtin__", "set"), ("__builtin__", "frozenset"):
      guard case .list(let elements) = arguments.first else { return .set(newList([])) }
      return .set(elements)
    case ("torch", "Size"):
      return arguments.first ?? newTuple(EmptyCollection())
    case ("torch._utils", "_rebuild_tensor"), ("torch._utils", "_rebuild_tensor_v2"):
      return try tensor(arguments, typed: nil)
    case ("torch._utils", "_rebuild_tensor_v3"):
      guard arguments.count >= 7 else { throw problem("a tensor without a type") }
      return try tensor(arguments, typed: arguments[arguments.startIndex + 6])
    case ("torch._utils", "_rebuild_parameter"), ("torch._utils", "_rebuild_parameter_with_state"):
      guard let data = arguments.first else { throw problem("a parameter without a tensor") }
      return data
    case ("torch._tensor", "_rebuild_from_type_v2"):
      // (rebuilding function, class, its arguments, attributes): a tensor with attributes of its own.
      guard arguments.count >= 3 else { return .opaque(number) }
      let inner = arguments[arguments.startIndex]
      guard case .global(let name) = inner, globals[Int(name)].rebuildsTensor else { return .opaque(number) }
      return try rebuild(inner, arguments[arguments.startIndex + 2])
    default:
      return .opaque(number)
    }
  }

  /// `OrderedDict()` or, as Python 2 wrote it, `OrderedDict([[key, value], ...])`.
  private mutating func dictionary(_ items: PickleValue?) throws(Reason) -> PickleValue {
    let result = newDictionary()
    guard case .list(let number) = items else { return .dictionary(result) }
    for item in lists[Int(number)] {
      let pair: [PickleValue] =
        switch item {
        case .list(let pair): lists[Int(pair)]
        case .tuple(let range): Array(tuple(range))
        default: []
        }
      guard pair.count == 2 else { throw problem("a dictionary's item that is not a pair") }
      try count()
      dictionaries[Int(result)].append((pair[0], pair[1]))
    }
    return .dictionary(result)
  }

  /// `(storage, offset, size, stride, …)`.
  private mutating func tensor(
    _ arguments: ArraySlice<PickleValue>, typed type: PickleValue?
  ) throws(Reason) -> PickleValue {
    let first = arguments.startIndex
    guard arguments.count >= 4, case .storage(let number) = arguments[first],
      case .integer(let offset) = arguments[first + 1],
      let shape = integers(arguments[first + 2]), let strides = integers(arguments[first + 3]),
      shape.count == strides.count
    else { throw problem("a tensor that is not described by a storage, an offset, sizes and strides") }
    var scalar = storages[Int(number)].scalar
    if case .global(let name) = type { scalar = globals[Int(name)].tensorType }
    guard let scalar else { throw problem("a tensor of an unknown type") }
    try count(shape.count)
    tensors.append(
      PickledTensor(storage: Int(number), scalar: scalar, offset: offset, shape: shape, strides: strides))
    return .tensor(Int32(tensors.count - 1))
  }

  /// The integers of a tuple or list of at most 64.
  private func integers(_ value: PickleValue) -> [Int]? {
    let values: ArraySlice<PickleValue>
    switch value {
    case .tuple(let range): values = tuple(range)
    case .list(let number): values = lists[Int(number)][...]
    default: return nil
    }
    guard values.count <= 64 else { return nil }
    var result: [Int] = []
    for value in values {
      guard case .integer(let integer) = value else { return nil }
      result.append(integer)
    }
    return result
  }

  /// A persistent reference: `("storage", type, key, location, count[, view])`, the only kind that has data;
  /// before 1.6 also `("module", class, …)`, which stands for the class.
  mutating func persistent(_ identifier: PickleValue) throws(Reason) -> PickleValue {
    guard case .tuple(let range) = identifier, range.count <= 8, case .string(let kind) = tuple(range).first
    else { throw problem("a persistent reference of an unknown form") }
    let parts = Array(tuple(range))
    if bytes(kind).elementsEqual("module".utf8), parts.count >= 2 { return parts[1] }
    guard bytes(kind).elementsEqual("storage".utf8), parts.count >= 5, case .global(let type) = parts[1],
      case .string(let key) = parts[2], case .integer(let size) = parts[4], size >= 0
    else { throw problem("a persistent reference of an unknown form") }
    let global = globals[Int(type)]
    guard global.isStorage else { throw problem("a storage of the unknown type \(global.name)") }
    if parts.count > 5, case .tuple = parts[5] { throw problem("a storage that is part of another") }
    storages.append(PickledStorage(scalar: global.storageType, key: key, count: size))
    return .storage(Int32(storages.count - 1))
  }
}

extension PickleGlobal {
  /// The functions that make a tensor from a storage.
  var rebuildsTensor: Bool {
    module == "torch._utils"
      && ["_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3"].contains(name)
  }

  /// Whether this is a class of storages whose numbers can be read or skipped.
  var isStorage: Bool {
    ["torch", "torch.cuda", "torch.storage"].contains(module)
      && (storageType != nil || name == "UntypedStorage")
  }

  /// The type of the numbers in a storage of this class.
  var storageType: Scalar? {
    switch name {
    case "DoubleStorage": .float64
    case "FloatStorage": .float32
    case "HalfStorage": .float16
    case "BFloat16Storage": .bfloat16
    case "LongStorage": .int64
    case "IntStorage": .int32
    case "ShortStorage": .int16
    case "CharStorage": .int8
    case "ByteStorage": .uint8
    case "BoolStorage": .bool
    // Complex numbers are only skipped; what matters is how wide they are.
    case "ComplexFloatStorage": .int64
    default: nil
    }
  }

  /// The type of numbers that `torch.float32` and its kin name.
  var tensorType: Scalar? {
    guard module == "torch" else { return nil }
    return switch name {
    case "float64", "double": .float64
    case "float32", "float": .float32
    case "float16", "half": .float16
    case "bfloat16": .bfloat16
    case "int64", "long": .int64
    case "int32", "int": .int32
    case "int16", "short": .int16
    case "int8": .int8
    case "uint64": .uint64
    case "uint32": .uint32
    case "uint16": .uint16
    case "uint8": .uint8
    case "bool": .bool
    default: nil
    }
  }

  /// Whether no checkpoint needs this and a pickle that names it means harm to those who run it.
  var isForbidden: Bool {
    let modules: Set<Substring> = [
      "os", "posix", "nt", "subprocess", "sys", "runpy", "importlib", "pty", "shutil", "socket", "ctypes",
      "code",
      "codeop", "commands", "webbrowser", "pickle", "_pickle", "marshal", "timeit", "pdb", "bdb", "asyncio",
      "urllib", "requests", "operator", "_operator",
    ]
    let harmless: Set<String> = [
      "set", "frozenset", "list", "dict", "tuple", "int", "long", "float", "bool", "str", "unicode", "bytes",
      "bytearray", "object", "complex", "slice", "range", "xrange", "getattr",
    ]
    let root = module.prefix { $0 != "." }
    if module == "builtins" || module == "__builtin__" { return !harmless.contains(name) }
    return modules.contains(root)
  }
}
