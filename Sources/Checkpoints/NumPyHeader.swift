/// The header of a `.npy` file: a Python dictionary literal of exactly three keys.
struct NumPyHeader {
  private(set) var scalar = Scalar.float32
  private(set) var isColumnMajor = false
  private(set) var shape: [Int] = []

  /// The most dimensions an array may have, as in NumPy.
  private static let maximumRank = 64

  private let text: UnsafeRawBufferPointer
  private var position = 0

  init(_ text: UnsafeRawBufferPointer) throws(NumPyError.Reason) {
    self.text = text
    var seen: Set<String> = []
    try expect("{")
    while !take("}") {
      let key = try string()
      guard seen.insert(key).inserted else { throw .header(problem: "a key occurs twice") }
      try expect(":")
      switch key {
      case "descr": scalar = try type()
      case "fortran_order": isColumnMajor = try truth()
      case "shape": shape = try sizes()
      default: throw .header(problem: "an unknown key")
      }
      if !take(",") {
        try expect("}")
        break
      }
    }
    guard seen.count == 3 else { throw .header(problem: "a key is missing") }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    while position < text.count, text[position] == 0x20 || text[position] == 0x0A { position += 1 }
    guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(NumPyError.Reason) {
    guard take(character) else { throw .header(problem: "expected '\(character)'") }
  }

  private mutating func string() throws(NumPyError.Reason) -> String {
    let quote: UInt8
    if take("'") {
      quote = UInt8(ascii: "'")
    } else {
      try expect("\"")
      quote = UInt8(ascii: "\"")
    }
    let start = position
    while position < text.count, text[position] != quote, position - start < 64 { position += 1 }
    guard position < text.count, text[position] == quote else {
      throw .header(problem: "text that does not end")
    }
    defer { position += 1 }
    return String(decoding: text[start..<position], as: UTF8.self)
  }

  private mutating func truth() throws(NumPyError.Reason) -> Bool {
    if take("T") {
      for character in "rue".unicodeScalars { try expect(character) }
      return true
    }
    for character in "False".unicodeScalars { try expect(character) }
    return false
  }

  /// A simple type such as `'<f4'`; a list here describes records, which have no place in a tensor.
  private mutating func type() throws(NumPyError.Reason) -> Scalar {
    if take("[") { throw .unsupportedType("a record") }
    let name = try string()
    let types: [String: Scalar] = [
      "<f8": .float64, "<f4": .float32, "<f2": .float16, "<i8": .int64, "<i4": .int32, "<i2": .int16,
      "|i1": .int8,
      "<u8": .uint64, "<u4": .uint32, "<u2": .uint16, "|u1": .uint8, "|b1": .bool,
    ]
    guard let scalar = types[name] else { throw .unsupportedType(name) }
    return scalar
  }

  private mutating func sizes() throws(NumPyError.Reason) -> [Int] {
    try expect("(")
    var sizes: [Int] = []
    while !take(")") {
      guard sizes.count < NumPyHeader.maximumRank else { throw .header(problem: "too many dimensions") }
      _ = take(" ")
      let start = position
      var size = 0
      while position < text.count, text[position] >= UInt8(ascii: "0"), text[position] <= UInt8(ascii: "9") {
        let (tens, tooLarge) = size.multipliedReportingOverflow(by: 10)
        let (sum, overflow) = tens.addingReportingOverflow(Int(text[position] - UInt8(ascii: "0")))
        guard !tooLarge, !overflow else { throw .header(problem: "a size beyond all bounds") }
        size = sum
        position += 1
      }
      guard position > start else { throw .header(problem: "expected a size") }
      _ = take("L")  // Python 2
      sizes.append(size)
      if !take(",") {
        try expect(")")
        break
      }
    }
    return sizes
  }
}
