/// A small seeded generator of random numbers (Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014). One seed gives one stream on every machine.
///
/// ```swift
/// var random = SplitMix64(seed: 42)
/// random.index(below: 10)  // 7
/// random.unit()            // 0.159…
/// ```
///
/// Draws of this type's own methods (``index(below:)``, ``unit()``, ``sample(_:of:)``) stay what they are; the
/// standard library's (`Int.random(in:using:)`) may change with its versions.
public struct SplitMix64: RandomNumberGenerator, Sendable, Equatable {
  /// What the generator is at: a generator with this as its seed goes on with the stream.
  public private(set) var state: UInt64

  private static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// Starts the stream of `seed`.
  public init(seed: UInt64) {
    state = seed
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= SplitMix64.increment
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// The generator of `seed` after `count` draws, at no cost: a stream's parts can be drawn apart.
  public init(seed: UInt64, skipping count: UInt64) {
    state = seed &+ count &* SplitMix64.increment
  }

  /// A generator for one of many things that belong to `seed`, so that what one of them draws leaves the others
  /// as they are.
  public init(seed: UInt64, stream: UInt64) {
    var mixer = SplitMix64(seed: seed)
    let first = mixer.next()
    var second = SplitMix64(seed: first ^ stream &* 0xD1B5_4A32_D192_ED03)
    self.init(seed: second.next())
  }
}

extension SplitMix64 {
  /// A whole number from 0 up to but not including `count`, which is 1 to 2³².
  ///
  /// Takes one draw; the bias is below `count` / 2³².
  public mutating func index(below count: Int) -> Int {
    Int(truncatingIfNeeded: ((next() >> 32) &* UInt64(truncatingIfNeeded: count)) >> 32)
  }

  /// A number from 0 up to but not including 1, a multiple of 2⁻⁵³.
  public mutating func unit() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// `count` different numbers below `total` in random order: the front of a Fisher–Yates shuffle of 0, 1, 2, …
  ///
  /// Takes one draw for each; all numbers where `count` is larger than `total`.
  public mutating func sample(_ count: Int, of total: Int) -> [Int] {
    var numbers = Array(0..<max(0, total))
    sample(count, &numbers)
    return Array(numbers.prefix(max(0, count)))
  }

  /// Brings `count` random elements to the front, in random order; the rest follows in some order.
  public mutating func sample<Element>(_ count: Int, _ elements: inout [Element]) {
    for position in 0..<min(max(0, count), elements.count) {
      elements.swapAt(position, position + index(below: elements.count - position))
    }
  }
}
