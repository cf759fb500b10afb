extension Scalar {
  /// Calls `body` with a function that reads element `index` of `source` as a `Float`; the source needs no
  /// alignment. Integers beyond 2^24 are rounded.
  ///
  /// The type is decided once, so that the loops in `body` are compiled for each of them.
  @inline(__always)
  func withReader<Result>(
    of source: UnsafeRawPointer, _ body: ((Int) -> Float) -> Result
  ) -> Result {
    switch self {
    case .float64:
      body {
        Float(
          Double(
            bitPattern: UInt64(littleEndian: source.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self))))
      }
    case .float32:
      body {
        Float(bitPattern: UInt32(littleEndian: source.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
      }
    case .float16:
      body {
        Scalar.float(
          half: UInt16(littleEndian: source.loadUnaligned(fromByteOffset: $0 * 2, as: UInt16.self)))
      }
    case .bfloat16:
      body {
        let bits = UInt16(littleEndian: source.loadUnaligned(fromByteOffset: $0 * 2, as: UInt16.self))
        return Float(bitPattern: UInt32(bits) << 16)
      }
    default:
      body { Float(integer(at: $0, of: source)) }
    }
  }

  /// Element `index` of `source`, where this is an integer type; unsigned 64-bit values wrap.
  func integer(at index: Int, of source: UnsafeRawPointer) -> Int {
    func load<T: FixedWidthInteger>(_: T.Type) -> Int {
      Int(
        truncatingIfNeeded: T(littleEndian: source.loadUnaligned(fromByteOffset: index * width, as: T.self)))
    }
    return switch self {
    case .int64, .float64: load(Int64.self)
    case .int32, .float32: load(Int32.self)
    case .int16, .float16, .bfloat16: load(Int16.self)
    case .int8: load(Int8.self)
    case .uint64: load(UInt64.self)
    case .uint32: load(UInt32.self)
    case .uint16: load(UInt16.self)
    case .uint8: load(UInt8.self)
    case .bool: load(UInt8.self) == 0 ? 0 : 1
    }
  }

  /// Reads `count` numbers from `source` into `target`.
  func read(_ count: Int, from source: UnsafeRawPointer, into target: UnsafeMutablePointer<Float>) {
    withReader(of: source) { read in
      for index in 0..<count { target[index] = read(index) }
    }
  }

  /// The value of IEEE half-precision bits.
  ///
  /// The exponent and fraction moved into a float's place make a number 2^112 too small, subnormals
  /// included; one multiplication puts all of them right, and infinities and NaNs get their exponent back.
  @inline(__always)
  static func float(half bits: UInt16) -> Float {
    let magnitude = UInt32(bits & 0x7FFF)
    let scaled = (Float(bitPattern: magnitude << 13) * Float(bitPattern: 0x7780_0000)).bitPattern
    let finite = magnitude < 0x7C00 ? scaled : (magnitude << 13) | 0x7F80_0000
    return Float(bitPattern: finite | UInt32(bits & 0x8000) << 16)
  }

  /// The half-precision bits nearest to `value`, ties to even; beyond 65,520 infinity.
  static func half(_ value: Float) -> UInt16 {
    let sign = UInt16(truncatingIfNeeded: value.bitPattern >> 16) & 0x8000
    let magnitude = value.bitPattern & 0x7FFF_FFFF
    if magnitude > 0x7F80_0000 {  // NaN: keep it one, quiet.
      return sign | 0x7E00 | UInt16(truncatingIfNeeded: magnitude >> 13) & 0x03FF
    }
    if magnitude >= 0x477F_F000 { return sign | 0x7C00 }
    if magnitude < 0x3880_0000 {
      // Below 2^-14: adding 0.5 leaves the subnormal's bits, rounded, at the end of the fraction.
      let shifted = (Float(bitPattern: magnitude) + 0.5).bitPattern - Float(0.5).bitPattern
      return sign | UInt16(truncatingIfNeeded: shifted)
    }
    let odd = (magnitude >> 13) & 1
    let rounded = magnitude &- 0x3800_0000 &+ 0x0FFF &+ odd
    return sign | UInt16(truncatingIfNeeded: rounded >> 13)
  }

  /// The bfloat16 bits nearest to `value`, ties to even.
  static func brainFloat(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    guard !value.isNaN else { return UInt16(truncatingIfNeeded: bits >> 16) | 0x0040 }
    let odd = (bits >> 16) & 1
    return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ odd) >> 16)
  }
}
