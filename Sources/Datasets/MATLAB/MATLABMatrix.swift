/// Reads the contents of a matrix element: what all arrays, cells and structures are.
enum MATLABMatrix {
  /// How deep cells and structures may lie in one another.
  private static let deepest = 32

  /// A matrix's name and value.
  static func read(
    _ bytes: UnsafeRawBufferPointer, isLittle: Bool, depth: Int = 0
  ) throws(MATLABProblem) -> (name: String, value: MATLABValue) {
    // MATLAB writes an empty matrix as nothing at all.
    if bytes.isEmpty {
      return ("", .numbers(MATLABNumbers(dimensions: [0, 0], isLogical: false, values: [])))
    }
    guard depth < deepest else { throw .damaged("cells within cells, \(deepest) deep") }
    var elements = MATLABElements(bytes, isLittle: isLittle)
    let flags = try elements.required().flags(isLittle: isLittle)
    let kind = flags & 0xFF
    // An object's dimensions come after its class, and others have none.
    guard (1...15).contains(kind), kind != 3 else { return ("", .other(kind)) }
    let dimensions = try elements.required().sizes(isLittle: isLittle)
    guard dimensions.count >= 2 else { throw .damaged("\(dimensions.count) dimensions") }
    var count = 1
    for dimension in dimensions {
      let (product, overflows) = count.multipliedReportingOverflow(by: dimension)
      guard !overflows else { throw .damaged("dimensions beyond all bounds") }
      count = product
    }
    let name = try text(elements.required())
    let value: MATLABValue
    switch kind {
    case 1:
      var cells: [MATLABValue] = []
      for _ in 0..<count { cells.append(try inner(&elements, isLittle, depth)) }
      value = .cells(cells)
    case 2:
      value = .structures(try structures(&elements, count, isLittle, depth))
    case 6...15:
      let values = try elements.required().numbers(isLittle: isLittle)
      guard values.count == count else {
        throw .damaged("\(values.count) numbers where dimensions say \(count)")
      }
      value = .numbers(
        MATLABNumbers(dimensions: dimensions, isLogical: flags & 0x200 != 0, values: values))
    default:
      value = .other(kind)
    }
    return (name, value)
  }

  private static func structures(
    _ elements: inout MATLABElements, _ count: Int, _ isLittle: Bool, _ depth: Int
  ) throws(MATLABProblem) -> [[String: MATLABValue]] {
    let lengths = try elements.required().sizes(isLittle: isLittle)
    guard let length = lengths.first, length > 0 else { throw .damaged("field names of no length") }
    let names = try elements.required().bytes
    guard names.count % length == 0 else { throw .damaged("field names that end halfway") }
    let fields = stride(from: 0, to: names.count, by: length).map { start in
      String(decoding: names[start..<start + length].prefix { $0 != 0 }, as: UTF8.self)
    }
    var structures: [[String: MATLABValue]] = []
    // Without fields there is nothing in the file that a claim of many elements could be checked against.
    guard !fields.isEmpty else { return [] }
    for _ in 0..<count {
      var members: [String: MATLABValue] = [:]
      for field in fields { members[field] = try inner(&elements, isLittle, depth) }
      structures.append(members)
    }
    return structures
  }

  private static func inner(
    _ elements: inout MATLABElements, _ isLittle: Bool, _ depth: Int
  ) throws(MATLABProblem) -> MATLABValue {
    let element = try elements.required()
    guard element.type == .matrix else { throw .damaged("numbers where a matrix is expected") }
    return try read(element.bytes, isLittle: isLittle, depth: depth + 1).value
  }

  private static func text(_ element: MATLABElements.Element) throws(MATLABProblem) -> String {
    guard element.type == .int8 || element.type == .uint8 || element.type == .utf8 else {
      throw .damaged("a name that is no text")
    }
    return String(decoding: element.bytes, as: UTF8.self)
  }
}

extension MATLABElements.Element {
  /// The first word of an array's flags.
  fileprivate func flags(isLittle: Bool) throws(MATLABProblem) -> Int {
    guard type == .uint32, let flags = try numbers(isLittle: isLittle).first else {
      throw .damaged("a matrix without flags")
    }
    return Int(flags)
  }
}
