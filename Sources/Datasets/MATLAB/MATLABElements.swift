/// One data element after the other: a tag with a type and a number of bytes, and the bytes.
struct MATLABElements {
  /// What an element's bytes are.
  enum Kind: UInt32 {
    case int8 = 1, uint8 = 2, int16 = 3, uint16 = 4, int32 = 5, uint32 = 6, single = 7, double = 9
    case int64 = 12, uint64 = 13, matrix = 14, compressed = 15, utf8 = 16, utf16 = 17, utf32 = 18

    /// Bytes of a number; 1 for what is none.
    var size: Int {
      switch self {
      case .int8, .uint8, .matrix, .compressed, .utf8: 1
      case .int16, .uint16, .utf16: 2
      case .int32, .uint32, .single, .utf32: 4
      case .double, .int64, .uint64: 8
      }
    }
  }

  struct Element {
    var type: Kind
    var bytes: UnsafeRawBufferPointer
  }

  private let bytes: UnsafeRawBufferPointer
  private let isLittle: Bool
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer, isLittle: Bool) {
    (self.bytes, self.isLittle) = (bytes, isLittle)
  }

  /// The next element; nil at the end.
  ///
  /// - Parameter isPadded: whether elements end at multiples of 8 bytes, as they do inside a matrix.
  mutating func next(isPadded: Bool = true) throws(MATLABProblem) -> Element? {
    // What is left over may be padding.
    guard bytes.count - position >= 8 else { return nil }
    let tag = word(at: position)
    if tag >> 16 != 0 {
      // A small element: type, size and up to four bytes in eight.
      let size = Int(tag >> 16)
      guard size <= 4 else { throw .damaged("a small element of \(size) bytes") }
      let element = Element(type: try kind(tag & 0xFFFF), bytes: part(position + 4, size))
      position += 8
      return element
    }
    let size = Int(word(at: position + 4))
    guard size <= bytes.count - position - 8 else { throw .truncated }
    let element = Element(type: try kind(tag), bytes: part(position + 8, size))
    position += 8 + (isPadded && element.type != .compressed ? (size + 7) / 8 * 8 : size)
    position = min(position, bytes.count)
    return element
  }

  /// The next element, which must be there.
  mutating func required() throws(MATLABProblem) -> Element {
    guard let element = try next() else { throw .truncated }
    return element
  }

  private func part(_ start: Int, _ count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
  }

  private func word(at offset: Int) -> UInt32 {
    let value = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    return isLittle ? UInt32(littleEndian: value) : UInt32(bigEndian: value)
  }

  private func kind(_ number: UInt32) throws(MATLABProblem) -> Kind {
    guard let kind = Kind(rawValue: number) else { throw .damaged("an element of type \(number)") }
    return kind
  }
}

extension MATLABElements.Element {
  /// The element's numbers.
  func numbers(isLittle: Bool) throws(MATLABProblem) -> [Double] {
    guard bytes.count % type.size == 0 else { throw .damaged("numbers that end halfway") }
    func load<Number: FixedWidthInteger>(_: Number.Type, _ index: Int) -> Number {
      let value = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Number>.size, as: Number.self)
      return isLittle ? Number(littleEndian: value) : Number(bigEndian: value)
    }
    let indices = 0..<bytes.count / type.size
    switch type {
    case .int8: return indices.map { Double(load(Int8.self, $0)) }
    case .uint8, .utf8: return bytes.map { Double($0) }
    case .int16: return indices.map { Double(load(Int16.self, $0)) }
    case .uint16, .utf16: return indices.map { Double(load(UInt16.self, $0)) }
    case .int32: return indices.map { Double(load(Int32.self, $0)) }
    case .uint32, .utf32: return indices.map { Double(load(UInt32.self, $0)) }
    case .int64: return indices.map { Double(load(Int64.self, $0)) }
    case .uint64: return indices.map { Double(load(UInt64.self, $0)) }
    case .single: return indices.map { Double(Float(bitPattern: load(UInt32.self, $0))) }
    case .double: return indices.map { Double(bitPattern: load(UInt64.self, $0)) }
    case .matrix, .compressed: throw .damaged("a matrix where numbers are expected")
    }
  }

  /// Whole numbers that are not negative, such as sizes.
  func sizes(isLittle: Bool) throws(MATLABProblem) -> [Int] {
    var sizes: [Int] = []
    for number in try numbers(isLittle: isLittle) {
      guard number >= 0, number <= 0x7FFF_FFFF, let size = Int(exactly: number) else {
        throw .damaged("a size of \(number)")
      }
      sizes.append(size)
    }
    return sizes
  }
}
