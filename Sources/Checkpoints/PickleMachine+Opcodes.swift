extension PickleMachine {
  /// Carries out one instruction; `position` is the byte after its code.
  mutating func execute(_ opcode: UInt8) throws(Reason) {
    switch opcode {
    case 0x80:  // PROTO
      let version: UInt8 = try take()
      guard (2...5).contains(version) else { throw problem("pickle protocol \(version)") }
    case 0x95: _ = try takeSize()  // FRAME
    case UInt8(ascii: "("): try mark()
    case UInt8(ascii: "0"):  // POP
      if stack.count == marks.last { marks.removeLast() } else { _ = try pop() }
    case UInt8(ascii: "1"): _ = try popToMark()
    case UInt8(ascii: "2"): try push(top())
    case UInt8(ascii: "q"): try store(UInt32(take() as UInt8))
    case UInt8(ascii: "r"): try store(take())
    case 0x94: try store(UInt32(memo.count))  // MEMOIZE
    case UInt8(ascii: "h"): try recall(UInt32(take() as UInt8))
    case UInt8(ascii: "j"): try recall(take())
    case UInt8(ascii: "c"):
      let module = try takeLine()
      try push(global(module: module, name: takeLine()))
    case 0x93:  // STACK_GLOBAL
      guard case .string(let name) = try pop(), case .string(let module) = try pop() else {
        throw problem("a class whose name is not text")
      }
      try push(global(module: module, name: name))
    case UInt8(ascii: "R"), 0x81:  // REDUCE, NEWOBJ
      let arguments = try pop()
      try push(rebuild(pop(), arguments))
    case 0x92:  // NEWOBJ_EX
      _ = try pop()
      let arguments = try pop()
      try push(rebuild(pop(), arguments))
    case UInt8(ascii: "b"): _ = try pop()  // BUILD: an object's own state, which no known value needs
    case UInt8(ascii: "Q"): try push(persistent(pop()))  // BINPERSID
    default:
      if try number(opcode) { return }
      if try text(opcode) { return }
      if try container(opcode) { return }
      throw problem("instruction 0x\(String(opcode, radix: 16)) is not allowed")
    }
  }

  private mutating func mark() throws(Reason) {
    try count()
    marks.append(stack.count)
  }

  private mutating func store(_ index: UInt32) throws(Reason) {
    try count()
    memo[index] = try top()
  }

  private mutating func recall(_ index: UInt32) throws(Reason) {
    guard let value = memo[index] else { throw problem("a reference to a value that is not there") }
    try push(value)
  }

  /// None, truth values and numbers.
  private mutating func number(_ opcode: UInt8) throws(Reason) -> Bool {
    switch opcode {
    case UInt8(ascii: "N"): try push(.none)
    case 0x88: try push(.bool(true))
    case 0x89: try push(.bool(false))
    case UInt8(ascii: "J"): try push(.integer(Int(take() as Int32)))
    case UInt8(ascii: "K"): try push(.integer(Int(take() as UInt8)))
    case UInt8(ascii: "M"): try push(.integer(Int(take() as UInt16)))
    case 0x8A: try push(long(Int(take() as UInt8)))
    case 0x8B:
      let length: Int32 = try take()
      try push(long(Int(length)))
    case UInt8(ascii: "G"):
      let bits: UInt64 = try take()
      try push(.double(Double(bitPattern: bits.byteSwapped)))
    default: return false
    }
    return true
  }

  /// An integer of `count` bytes, least significant first, two's complement.
  private mutating func long(_ count: Int) throws(Reason) -> PickleValue {
    let range = try takeRange(count)
    guard count <= 8 else { return .bigInteger(range) }
    let bytes = bytes(range)
    var value: UInt64 = bytes.last.map { $0 & 0x80 != 0 } ?? false ? .max : 0
    for byte in bytes.reversed() { value = value << 8 | UInt64(byte) }
    return .integer(Int(truncatingIfNeeded: value))
  }

  /// Text and bytes.
  private mutating func text(_ opcode: UInt8) throws(Reason) -> Bool {
    switch opcode {
    case 0x8C, UInt8(ascii: "U"): try push(.string(takeRange(Int(take() as UInt8))))
    case UInt8(ascii: "X"), UInt8(ascii: "T"): try push(.string(takeRange(Int(take() as UInt32))))
    case 0x8D: try push(.string(takeRange(takeSize())))
    case UInt8(ascii: "C"): try push(.bytes(takeRange(Int(take() as UInt8))))
    case UInt8(ascii: "B"): try push(.bytes(takeRange(Int(take() as UInt32))))
    case 0x8E, 0x96: try push(.bytes(takeRange(takeSize())))
    default: return false
    }
    return true
  }

  /// Tuples, lists, dictionaries and sets.
  private mutating func container(_ opcode: UInt8) throws(Reason) -> Bool {
    switch opcode {
    case UInt8(ascii: ")"): try push(newTuple(EmptyCollection()))
    case 0x85...0x87:
      let size = Int(opcode) - 0x84
      guard stack.count - (marks.last ?? 0) >= size else { throw problem("an empty stack") }
      let values = stack.suffix(size)
      stack.removeLast(size)
      try push(newTuple(values))
    case UInt8(ascii: "t"): try push(newTuple(popToMark()))
    case UInt8(ascii: "]"): try push(.list(newList([])))
    case UInt8(ascii: "l"): try push(.list(newList(popToMark())))
    case UInt8(ascii: "a"): try append([pop()])
    case UInt8(ascii: "e"): try append(popToMark())
    case UInt8(ascii: "}"): try push(.dictionary(newDictionary()))
    case UInt8(ascii: "d"):
      let values = try popToMark()
      try push(.dictionary(newDictionary()))
      try setItems(values)
    case UInt8(ascii: "s"):
      let value = try pop()
      try setItems([pop(), value])
    case UInt8(ascii: "u"): try setItems(popToMark())
    case 0x8F: try push(.set(newList([])))
    case 0x90: try append(popToMark())
    case 0x91: try push(.set(newList(popToMark())))
    default: return false
    }
    return true
  }

  /// Adds values to the list or set on top of the stack; to an opaque object nothing is added.
  private mutating func append(_ values: [PickleValue]) throws(Reason) {
    switch try top() {
    case .list(let number), .set(let number): lists[Int(number)].append(contentsOf: values)
    case .opaque: break
    default: throw problem("elements for a value that is not a list")
    }
  }

  /// Adds pairs to the dictionary on top of the stack; to an opaque object nothing is added.
  private mutating func setItems(_ values: [PickleValue]) throws(Reason) {
    guard values.count.isMultiple(of: 2) else { throw problem("a key without a value") }
    switch try top() {
    case .dictionary(let number):
      for index in stride(from: 0, to: values.count, by: 2) {
        dictionaries[Int(number)].append((values[index], values[index + 1]))
      }
    case .opaque: break
    default: throw problem("items for a value that is not a dictionary")
    }
  }
}
