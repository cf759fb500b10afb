internal import Files

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// An axis fitted to numbers: what it spans, and where its ticks are.
struct AxisLayout {
  /// A number that is written at the axis.
  struct Tick: Equatable {
    var value: Double
    var label: String
  }

  let scale: ChartAxis.Scale
  let low: Double, high: Double
  let ticks: [Tick]

  /// - Parameters:
  ///   - values: what is to be shown; those that have no place on the axis do not count.
  ///   - endsAtTicks: whether the axis goes on to the next tick at both ends.
  init(_ axis: ChartAxis, _ values: some Sequence<Double>, endsAtTicks: Bool, tickCount: Int = 5) {
    let scale = axis.scale
    self.scale = scale
    let wanted = axis.range.map { [$0.lowerBound, $0.upperBound] } ?? Array(values)
    let shown = wanted.filter { Self.hasPlace($0, scale) }.map { min(max($0, -1e300), 1e300) }
    let (least, most) = Self.widened(shown.min(), shown.max(), scale)
    let marks =
      scale == .linear
      ? Self.linearTicks(least, most, count: tickCount)
      : Self.logarithmicTicks(least, most, count: tickCount)
    let isOpen = endsAtTicks && axis.range == nil
    let low = isOpen ? marks.filter { $0 <= least }.max() ?? least : least
    let high = isOpen ? marks.filter { $0 >= most }.min() ?? most : most
    (self.low, self.high) = (low, high)
    // Rounding must not lose a tick at the very end.
    let slack = (high - low) * 1e-9
    let seen = marks.filter { $0 >= low - slack && $0 <= high + slack }
    let labels = TickLabels(seen, scale)
    ticks = seen.map { Tick(value: $0, label: labels.text($0)) }
  }

  /// Where a number lies, from 0 at the axis's beginning to 1 at its end; nil for one that has no place.
  func position(_ value: Double) -> Double? {
    guard Self.hasPlace(value, scale) else { return nil }
    let value = min(max(value, -1e300), 1e300)
    switch scale {
    case .linear: return (value / 2 - low / 2) / (high / 2 - low / 2)
    case .logarithmic: return log10(value / low) / log10(high / low)
    }
  }

  private static func hasPlace(_ value: Double, _ scale: ChartAxis.Scale) -> Bool {
    // Below the smallest normal number quotients are not finite.
    value.isFinite && (scale == .linear || value > 1e-300)
  }

  /// Room around a single number, and something for none.
  private static func widened(
    _ least: Double?, _ most: Double?, _ scale: ChartAxis.Scale
  ) -> (Double, Double) {
    guard let least, let most else { return scale == .linear ? (0, 1) : (1, 10) }
    switch scale {
    case .linear:
      let size = max(least.magnitude, most.magnitude)
      guard most / 2 - least / 2 <= size * 1e-12 else { return (least, most) }
      let room = size > 0 ? size * 0.1 : 1
      return (least - room, most + room)
    case .logarithmic:
      return most / least > 1.000_001 ? (least, most) : (least / 1.1, most * 1.1)
    }
  }

  /// Multiples of 1, 2 or 5 times a power of ten, one beyond each end.
  private static func linearTicks(_ low: Double, _ high: Double, count: Int) -> [Double] {
    let rough = (high / 2 - low / 2) / Double(max(1, count)) * 2
    let power = pow(10, log10(rough).rounded(.down))
    let step = power * ([1, 2, 5].first { $0 * power >= rough * 0.85 } ?? 10)
    let first = (low / step).rounded(.down), last = (high / step).rounded(.up)
    guard first.isFinite, last.isFinite, last - first < 1000 else { return [low, high] }
    return (0...Int(last - first)).map { (first + Double($0)) * step }
  }

  /// Powers of ten, of many only each second or third; of few also their multiples by 2 and 5.
  private static func logarithmicTicks(_ low: Double, _ high: Double, count: Int) -> [Double] {
    let decades = log10(high / low)
    if decades < 0.7 { return linearTicks(low, high, count: count).filter { $0 > 0 } }
    let first = Int(log10(low).rounded(.down)), last = Int(log10(high).rounded(.up))
    let multiples: [Double] = decades < 3 ? [1, 2, 5] : [1]
    let stride = max(1, Int((decades / Double(max(1, count) + 1)).rounded(.up)))
    let all = Swift.stride(from: first, through: last + stride - 1, by: stride).flatMap { exponent in
      multiples.map { $0 * pow(10, Double(exponent)) }
    }.filter { $0.isFinite && $0 > 0 }
    // One beyond each end is enough.
    let begin = all.lastIndex { $0 <= low * 1.000_001 } ?? 0
    let end = all.firstIndex { $0 >= high * 0.999_999 } ?? max(0, all.count - 1)
    return all.isEmpty ? [low, high] : Array(all[min(begin, end)...end])
  }
}

/// How an axis's ticks are written: alike, and with no more digits than tell them apart.
struct TickLabels {
  private let unit: Double
  private let suffix: String
  private let decimals: Int?
  private let isScientific: Bool

  init(_ ticks: [Double], _ scale: ChartAxis.Scale) {
    let largest = ticks.map(\.magnitude).max() ?? 0
    let smallest = ticks.map(\.magnitude).filter { $0 > 0 }.min() ?? 1
    (unit, suffix) = largest >= 1e6 ? (1e6, "M") : largest >= 1e4 ? (1e3, "k") : (1, "")
    isScientific = largest >= 1e10 || smallest < 1e-4
    let step = zip(ticks, ticks.dropFirst()).map { $1 - $0 }.min() ?? 1
    // A logarithmic axis has small numbers beside large ones: each has its own digits.
    decimals =
      scale == .logarithmic
      ? nil : step > 0 ? min(9, max(0, Int((-log10(step / unit) - 1e-9).rounded(.up)))) : 0
  }

  func text(_ value: Double) -> String {
    guard value != 0 else { return "0" }
    if isScientific { return scientific(value) }
    if let decimals { return Decimal.fixed(value / unit, decimals: decimals) + suffix }
    return value.magnitude >= unit
      ? Decimal.shortest(value / unit, decimals: 2) + suffix : Decimal.shortest(value, decimals: 6)
  }

  private func scientific(_ value: Double) -> String {
    var exponent = Int(log10(value.magnitude).rounded(.down))
    var mantissa = value / pow(10, Double(exponent))
    if mantissa.magnitude >= 9.9995 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    return Decimal.shortest(mantissa, decimals: 3) + "e\(exponent)"
  }
}
