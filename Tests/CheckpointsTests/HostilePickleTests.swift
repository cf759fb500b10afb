import Tensors
import Testing

@testable import Checkpoints

/// Pickles made to do harm: each is an error, or harmless, and costs little time and memory.
@Suite struct HostilePickleTests {
  /// `{"w": tensor}` with more items before it.
  static func dictionary(_ more: (inout PickleWriter) -> Void) -> PickleWriter {
    var pickle = PickleWriter()
    pickle.code("}")
    pickle.code("(")
    more(&pickle)
    pickle.text("w")
    pickle.tensor("0", count: 4, shape: [2, 2], strides: [2, 1])
    pickle.code("u")
    return pickle
  }
  static let storage: [(key: String, values: [Float])] = [("0", [1, 2, 3, 4])]

  func reason(_ pickle: PickleWriter) throws -> CheckpointError.Reason {
    try #require(throws: CheckpointError.self) {
      _ = try Checkpoint.read(pickle, storages: Self.storage)
    }.reason
  }

  @Test func theWriterOfTheseTestsMakesReadableFiles() throws {
    let checkpoint = try Checkpoint.read(Self.dictionary { _ in }, storages: Self.storage)
    #expect(checkpoint.tensors["w"]?.elements == [1, 2, 3, 4])
  }

  @Test(arguments: [
    ("os", "system"), ("posix", "system"), ("subprocess", "Popen"), ("builtins", "eval"),
    ("builtins", "exec"),
    ("__builtin__", "apply"), ("importlib", "import_module"), ("os.path", "join"), ("runpy", "run_path"),
  ])
  func functionsThatDoHarmAreRefusedByName(module: String, name: String) throws {
    let pickle = Self.dictionary { pickle in
      pickle.text("args")
      pickle.global(module, name)
      pickle.text("echo")
      pickle.code(0x85)
      pickle.code("R")
    }
    #expect(try reason(pickle) == .forbidden(module: module, name: name))
  }

  @Test func objectsOfUnknownClassesAreNeitherMadeNorNeeded() throws {
    let pickle = Self.dictionary { pickle in
      pickle.text("args")
      pickle.global("some.package", "Options")
      pickle.code(")")
      pickle.code(0x81)
      pickle.code("}")
      pickle.code("b")
    }
    let checkpoint = try Checkpoint.read(pickle, storages: Self.storage)
    #expect(checkpoint.tensors.keys.sorted() == ["w"])
  }

  @Test func callsOfCallsStayOpaque() throws {
    let pickle = Self.dictionary { pickle in
      pickle.text("bomb")
      pickle.global("a", "b")
      for _ in 0..<100_000 {
        pickle.code(")")
        pickle.code("R")
      }
    }
    #expect(try Checkpoint.read(pickle, storages: Self.storage).tensors.count == 1)
  }

  @Test func deepNestingCostsNoRecursion() throws {
    let pickle = Self.dictionary { pickle in
      pickle.text("deep")
      for _ in 0..<500_000 { pickle.code("]") }
      for _ in 0..<499_999 { pickle.code("a") }
    }
    #expect(try Checkpoint.read(pickle, storages: Self.storage).tensors.count == 1)
  }

  @Test func doublingStructuresAreNeverWalked() throws {
    let pickle = Self.dictionary { pickle in
      pickle.text("laughs")
      pickle.code(")")
      for _ in 0..<200 {
        pickle.code("2")
        pickle.code(0x86)
      }
    }
    #expect(try Checkpoint.read(pickle, storages: Self.storage).tensors.count == 1)
  }

  @Test func aDictionaryThatHoldsItselfEnds() throws {
    var pickle = PickleWriter()
    pickle.code("}")
    pickle.put(0)
    pickle.text("model")
    pickle.get(0)
    pickle.code("s")
    let error = #expect(throws: CheckpointError.self) { _ = try Checkpoint.read(pickle) }
    #expect(error?.reason == .noTensors(keys: ["model", "state_dict", "model_state_dict"]))
  }

  @Test func tooManyValuesAreRefused() throws {
    let pickle = Self.dictionary { pickle in
      pickle.text("many")
      pickle.bytes += [UInt8](repeating: UInt8(ascii: "N"), count: PickleMachine.maximumValues)
    }
    #expect(try reason(pickle) == .pickleTooLarge(limit: PickleMachine.maximumValues))
  }

  @Test func longNamesThatAreRepeatedAreRefused() throws {
    let pickle = Self.dictionary { pickle in
      pickle.text(String(repeating: "x", count: 100_000))
      pickle.put(1)
      pickle.code("N")
      for _ in 0..<400_000 {
        pickle.get(1)
        pickle.code("N")
      }
    }
    #expect(try reason(pickle) == .pickleTooLarge(limit: PickleMachine.maximumValues))
  }

  typealias Description = (shape: [Int32], strides: [Int32], offset: Int32, problem: String)
  static let misfits: [Description] = [
    ([1000, 1000, 1000], [0, 0, 0], 0, "limit"),
    ([2, 2], [2, 2], 0, "outside its storage"),
    ([2, 2], [2, 1], 1, "outside its storage"),
    ([2, 2], [-2, 1], 0, "outside its storage"),
    ([2, 2], [2, 1], -1, "outside its storage"),
    ([-2, -2], [2, 1], 0, "unsupported shape"),
    ([.max, .max, .max], [1, 1, 1], 0, "unsupported shape"),
    ([.max, .max], [.max, .max], 0, "outside its storage"),
    ([1, 1, 1, 1, 2, 2], [4, 4, 4, 4, 2, 1], 0, "unsupported shape"),
    ([2, 2], [2], 0, "not described"),
  ]

  @Test(arguments: misfits)
  func tensorsThatDoNotFitTheirStorageAreErrors(
    shape: [Int32], strides: [Int32], offset: Int32, problem: String
  ) throws {
    var pickle = PickleWriter()
    pickle.code("}")
    pickle.text("w")
    pickle.tensor("0", count: 4, offset: offset, shape: shape, strides: strides)
    pickle.code("s")
    #expect(try reason(pickle).description.contains(problem))
  }

  @Test func manyCopiesOfOneHalfPrecisionStorageAreRefused() throws {
    var pickle = PickleWriter()
    pickle.code("}")
    pickle.code("(")
    pickle.text("first")
    pickle.tensor("0", count: 200_000, shape: [200_000], strides: [1], type: "HalfStorage")
    pickle.put(0)
    for number in 0..<1000 {
      pickle.text("copy\(number)")
      pickle.get(0)
    }
    pickle.code("u")
    let storage = [(key: "0", values: [Float](repeating: 1, count: 200_000))]
    let error = #expect(throws: CheckpointError.self) { _ = try Checkpoint.read(pickle, storages: storage) }
    guard case .expands = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  static let faults: [(problem: String, code: [UInt8])] = [
    ("an empty stack", [UInt8(ascii: "a")]),
    ("no mark", [UInt8(ascii: "t")]),
    ("a reference to a value that is not there", [UInt8(ascii: "h"), 9]),
    ("instruction 0x82", [0x82, 1]),
    ("instruction 0x49", Array("I1\n".utf8)),
    ("pickle protocol 9", [0x80, 9]),
    ("a persistent reference", Array("NQ".utf8)),
    ("text that is not UTF-8", Array("c".utf8) + [0xFF, 0x0A, 0x0A]),
    ("a call of something that is not a function", Array("N)R".utf8)),
  ]

  @Test(arguments: faults)
  func brokenPicklesNameTheFault(problem: String, code: [UInt8]) throws {
    var pickle = PickleWriter()
    pickle.bytes += code
    #expect(try reason(pickle).description.contains(problem))
  }

  @Test func lengthsBeyondTheFileAllocateNothing() throws {
    for code: [UInt8] in [
      [UInt8(ascii: "X"), 0xFF, 0xFF, 0xFF, 0xFF], [0x8D] + [UInt8](repeating: 0xFF, count: 8),
      [0x8E, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [0x8B, 0xFF, 0xFF, 0xFF, 0x7F],
      [0x8B, 0, 0, 0, 0x80],
    ] {
      var pickle = PickleWriter()
      pickle.bytes += code
      #expect(try reason(pickle) == .truncated(part: "a pickle"))
    }
  }
}
