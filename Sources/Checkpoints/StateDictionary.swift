/// The tensors of a state dictionary inside a pickled value, and the plain values found beside it.
///
/// Training scripts wrap the dictionary: `{"model": {...}, "optimizer": {...}, "epoch": 3}`. At each level a
/// dictionary under one of the usual names is entered; else tensors here make this the state dictionary; else
/// the tensors of the dictionaries here are taken together, named `KEY.NAME`.
struct StateDictionary {
  private(set) var tensors: [String: PickledTensor] = [:]
  private(set) var metadata: [String: String] = [:]
  private let machine: PickleMachine
  /// Bytes of names that may still be copied. In an honest pickle each name is written out, or shared by a few
  /// dictionaries; in a forged one a long name may be referred to a million times.
  private var nameBytes: Int

  /// The names under which scripts put a state dictionary, in order of preference.
  private static let wrappers = ["model", "state_dict", "model_state_dict"]
  private static let maximumDepth = 4

  private typealias Items = [(name: String, value: PickleValue)]

  init(_ root: PickleValue, in machine: PickleMachine) throws(CheckpointError.Reason) {
    self.machine = machine
    nameBytes = 8 * machine.length + 1 << 16
    var value = root
    for _ in 0..<StateDictionary.maximumDepth {
      guard case .dictionary(let number) = value else {
        throw .notAStateDictionary(found: machine.describe(value))
      }
      let items = try items(of: number)
      try noteMetadata(items)
      if let inner = wrapped(items) {
        value = inner
        continue
      }
      collect(items)
      if tensors.isEmpty {
        for (name, value) in items {
          guard case .dictionary(let number) = value else { continue }
          collect(try self.items(of: number, prefix: name + "."))
        }
      }
      guard !tensors.isEmpty else { throw .noTensors(keys: items.prefix(5).map(\.name)) }
      return
    }
    throw .noTensors(keys: StateDictionary.wrappers)
  }

  /// A dictionary's items whose keys are text.
  private mutating func items(of number: Int32, prefix: String = "") throws(CheckpointError.Reason) -> Items {
    var items: Items = []
    for (key, value) in machine.dictionaries[Int(number)] {
      guard case .string(let range) = key else { continue }
      nameBytes -= 1 + prefix.utf8.count + Int(range.count)
      guard nameBytes >= 0 else { throw .pickleTooLarge(limit: PickleMachine.maximumValues) }
      items.append((prefix + (try machine.text(range)), value))
    }
    return items
  }

  private func wrapped(_ items: Items) -> PickleValue? {
    for wrapper in StateDictionary.wrappers {
      for (name, value) in items where name == wrapper {
        switch value {
        case .dictionary(let number) where !machine.dictionaries[Int(number)].isEmpty: return value
        case .opaque: return value  // A pickled module, which is then reported by its class.
        default: continue
        }
      }
    }
    return nil
  }

  private mutating func collect(_ items: Items) {
    for (name, value) in items {
      guard case .tensor(let number) = value else { continue }
      tensors[name] = machine.tensors[Int(number)]
    }
  }

  private mutating func noteMetadata(_ items: Items) throws(CheckpointError.Reason) {
    for (name, value) in items {
      switch value {
      case .string(let range):
        nameBytes -= Int(range.count)
        guard nameBytes >= 0 else { throw .pickleTooLarge(limit: PickleMachine.maximumValues) }
        metadata[name] = try machine.text(range)
      case .integer(let number): metadata[name] = String(number)
      case .double(let number): metadata[name] = String(number)
      case .bool(let truth): metadata[name] = String(truth)
      default: continue
      }
    }
  }
}

extension PickleMachine {
  /// What a value is, in words.
  func describe(_ value: PickleValue) -> String {
    switch value {
    case .none: "None"
    case .bool: "a truth value"
    case .integer, .bigInteger, .double: "a number"
    case .string: "text"
    case .bytes: "bytes"
    case .tuple: "a tuple"
    case .list: "a list"
    case .dictionary: "a dictionary"
    case .set: "a set"
    case .global(let number): "the class \(name(number))"
    case .storage: "a storage"
    case .tensor: "a tensor"
    case .opaque(let number): "an object of class \(name(number))"
    }
  }

  private func name(_ number: Int32) -> String {
    let global = globals[Int(number)]
    return "\(global.module).\(global.name)"
  }
}
