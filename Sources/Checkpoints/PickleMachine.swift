/// A restricted unpickler (Python's pickle protocols 2 to 5) that can build tensors, dictionaries, lists,
/// tuples, sets and plain values, and nothing else.
///
/// Nothing in a pickle is ever called. The few functions that PyTorch uses to rebuild tensors are recognised
/// by name; an object of any other class becomes `opaque`, a value that can be stored but has no content, so
/// that a training script's file loads whose `args` or `scheduler` is of a class of its own. Functions
/// that exist to do harm in a pickle (`os.system` and its kin) are refused by name even so.
///
/// Every pushed value counts against a limit, and every length against the bytes that are there, before
/// anything is allocated.
struct PickleMachine {
  /// The most values a pickle may push: a checkpoint of a large model with optimizer state needs fewer
  /// than 200,000.
  static let maximumValues = 1 << 21
  /// The longest name of a class, in bytes.
  static let maximumName = 1024

  let view: ByteView
  let start: Int
  var position: Int
  var stack: [PickleValue] = []
  var marks: [Int] = []
  var memo: [UInt32: PickleValue] = [:]
  var elements: [PickleValue] = []
  var lists: [[PickleValue]] = []
  var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
  var globals: [PickleGlobal] = []
  var storages: [PickledStorage] = []
  var tensors: [PickledTensor] = []
  private var globalNumbers: [PickleGlobal: Int32] = [:]
  private var values = 0

  /// A machine for the pickle that begins at `position` of `bytes`, at most 4 GiB.
  init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) {
    view = ByteView(bytes)
    start = position
    self.position = position
  }

  typealias Reason = CheckpointError.Reason

  /// Bytes of the pickle that have been read.
  var length: Int { position - start }

  func problem(_ text: String) -> Reason { .pickle(problem: text, offset: position) }

  /// Runs to the end of the pickle and returns its value; `position` is then the byte after it.
  mutating func run() throws(Reason) -> PickleValue {
    while true {
      let opcode: UInt8 = try take()
      if opcode == UInt8(ascii: ".") { return try pop() }
      try execute(opcode)
    }
  }

  // MARK: Reading

  mutating func take<T: FixedWidthInteger>() throws(Reason) -> T {
    guard let value = view.integer(T.self, at: position) else { throw .truncated(part: "a pickle") }
    position += MemoryLayout<T>.size
    return value
  }

  mutating func takeRange(_ count: Int) throws(Reason) -> PickleValue.ByteRange {
    guard view.slice(position, count) != nil else { throw .truncated(part: "a pickle") }
    guard let start = UInt32(exactly: position), let length = UInt32(exactly: count) else {
      throw .pickleTooLarge(limit: PickleMachine.maximumValues)
    }
    position += count
    return .init(start: start, count: length)
  }

  mutating func takeSize() throws(Reason) -> Int {
    let size: UInt64 = try take()
    guard let value = Int(exactly: size) else { throw .truncated(part: "a pickle") }
    return value
  }

  /// The range of the text up to the next line feed.
  mutating func takeLine() throws(Reason) -> PickleValue.ByteRange {
    var length = 0
    while length <= PickleMachine.maximumName {
      guard let byte = view.integer(UInt8.self, at: position + length) else {
        throw .truncated(part: "a pickle")
      }
      if byte == 0x0A {
        let range = try takeRange(length)
        position += 1
        return range
      }
      length += 1
    }
    throw problem("a name that does not end")
  }

  func bytes(_ range: PickleValue.ByteRange) -> UnsafeRawBufferPointer {
    view.slice(Int(range.start), Int(range.count)) ?? UnsafeRawBufferPointer(start: nil, count: 0)
  }

  func text(_ range: PickleValue.ByteRange) throws(Reason) -> String {
    guard let text = String(validating: bytes(range), as: UTF8.self) else {
      throw problem("text that is not UTF-8")
    }
    return text
  }

  // MARK: Stack

  /// Counts one value against the limit.
  mutating func count(_ number: Int = 1) throws(Reason) {
    values += number
    guard values <= PickleMachine.maximumValues else {
      throw .pickleTooLarge(limit: PickleMachine.maximumValues)
    }
  }

  mutating func push(_ value: PickleValue) throws(Reason) {
    try count()
    stack.append(value)
  }

  mutating func pop() throws(Reason) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.popLast() else { throw problem("an empty stack") }
    return value
  }

  /// The value on top, which stays.
  func top() throws(Reason) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.last else { throw problem("an empty stack") }
    return value
  }

  mutating func popToMark() throws(Reason) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw problem("no mark") }
    let values = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return values
  }

  // MARK: Tables

  mutating func newList(_ values: [PickleValue]) -> Int32 {
    lists.append(values)
    return Int32(lists.count - 1)
  }

  mutating func newDictionary() -> Int32 {
    dictionaries.append([])
    return Int32(dictionaries.count - 1)
  }

  mutating func newTuple(_ values: some Collection<PickleValue>) -> PickleValue {
    guard !values.isEmpty else { return .tuple(.init(start: 0, count: 0)) }
    let start = elements.count
    elements.append(contentsOf: values)
    return .tuple(.init(start: UInt32(start), count: UInt32(values.count)))
  }

  func tuple(_ range: PickleValue.ByteRange) -> ArraySlice<PickleValue> {
    elements[Int(range.start)..<Int(range.start) + Int(range.count)]
  }

  mutating func global(
    module: PickleValue.ByteRange, name: PickleValue.ByteRange
  ) throws(Reason) -> PickleValue {
    guard max(module.count, name.count) <= PickleMachine.maximumName else {
      throw problem("a name that does not end")
    }
    let global = PickleGlobal(module: try text(module), name: try text(name))
    if let number = globalNumbers[global] { return .global(number) }
    guard !global.isForbidden else { throw .forbidden(module: global.module, name: global.name) }
    let number = Int32(globals.count)
    globals.append(global)
    globalNumbers[global] = number
    return .global(number)
  }
}
