extension RunLengthMask {
  /// The runs as COCO's text: each number, from the fourth on as the difference to the one two before, in
  /// groups of five bits from the low end, sign-extended, each group plus 32 if more follow and plus 48.
  public var compressed: String {
    var text: [UInt8] = []
    text.reserveCapacity(counts.count * 2)
    for (index, count) in counts.enumerated() {
      var value = Int(count)
      if index > 2 { value -= Int(counts[index - 2]) }
      var more = true
      while more {
        let group = value & 0x1F
        value >>= 5
        more = group & 0x10 != 0 ? value != -1 : value != 0
        text.append(UInt8(group | (more ? 0x20 : 0)) + 48)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Runs from COCO's text.
  ///
  /// - Throws: ``RunLengthError`` for anything but well-formed runs that cover the mask exactly.
  public init(compressed: String, width: Int, height: Int) throws(RunLengthError) {
    try Self.check(width: width, height: height)
    let pixels = width * height
    var counts: [UInt32] = []
    var value = 0
    var shift = 0
    var total = 0
    for (offset, code) in compressed.utf8.enumerated() {
      guard code >= 48, code < 48 + 64 else { throw .invalidCharacter(code: code, offset: offset) }
      let group = Int(code) - 48
      // Seven groups hold every 32-bit number and its sign.
      guard shift < 35 else { throw .invalidRun(index: counts.count) }
      value |= (group & 0x1F) << shift
      shift += 5
      if group & 0x20 != 0 { continue }
      if group & 0x10 != 0 { value |= -1 << shift }
      if counts.count > 2 { value += Int(counts[counts.count - 2]) }
      guard value >= 0, value <= pixels else { throw .invalidRun(index: counts.count) }
      total += value
      guard total <= pixels else { throw .wrongTotal(total: total, width: width, height: height) }
      counts.append(UInt32(value))
      value = 0
      shift = 0
    }
    guard shift == 0 else { throw .unfinished }
    try self.init(counts: counts, width: width, height: height)
  }
}
