import Testing

@testable import Charts

@Suite("An axis")
struct AxisTests {
  @Test(
    "ends at ticks of 1, 2 or 5 that hold all numbers",
    arguments: [
      ([0, 0.97], ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
      ([3, 17], ["0", "5", "10", "15", "20"]),
      ([-3, 4], ["-4", "-2", "0", "2", "4"]),
      ([0.0013, 0.0019], ["0.0012", "0.0014", "0.0016", "0.0018", "0.0020"]),
      ([0, 48_000], ["0", "10k", "20k", "30k", "40k", "50k"]),
      ([0, 3_300_000], ["0", "1M", "2M", "3M", "4M"]),
      ([0, 0.00009], ["0", "2e-5", "4e-5", "6e-5", "8e-5", "1e-4"]),
    ])
  func linearTicks(_ values: [Double], _ labels: [String]) {
    let layout = AxisLayout(ChartAxis(""), values, endsAtTicks: true)
    #expect(layout.ticks.map(\.label) == labels)
    for value in values { #expect((0...1).contains(layout.position(value) ?? -1)) }
    #expect(layout.ticks.first?.value == layout.low && layout.ticks.last?.value == layout.high)
  }

  @Test(
    "of logarithms has powers of ten, or their multiples where these are few",
    arguments: [
      ([0.3, 9], ["0.2", "0.5", "1", "2", "5", "10"]),
      ([0.001, 4000], ["0.001", "0.01", "0.1", "1", "10", "100", "1k", "10k"]),
      ([1, 1e6], ["1", "10", "100", "1000", "10000", "100000", "1M"]),
      ([1e-9, 1e-3], ["1e-9", "1e-8", "1e-7", "1e-6", "1e-5", "1e-4", "1e-3"]),
    ])
  func logarithmicTicks(_ values: [Double], _ labels: [String]) {
    let layout = AxisLayout(ChartAxis("", .logarithmic), values, endsAtTicks: true, tickCount: 8)
    let exact = layout.ticks.map(\.value)
    #expect(layout.ticks.map(\.label) == labels)
    for value in values { #expect((-1e-6...1.000_001).contains(layout.position(value) ?? -1)) }
    for (tick, next) in zip(exact, exact.dropFirst()) { #expect(next / tick < 10.01) }
  }

  @Test(
    "has places for whatever numbers there are",
    arguments: [
      [], [5], [0], [.nan], [.infinity, 1], [-.greatestFiniteMagnitude, .greatestFiniteMagnitude],
      [1e18, 1e18 + 256], [5e-324, 1], [-1, 0], [1, 1], [1e-300, 1e300], [.nan, -.infinity],
      [0.1, 0.1 + 1e-16],
    ] as [[Double]], [ChartAxis.Scale.linear, .logarithmic])
  func survives(_ values: [Double], _ scale: ChartAxis.Scale) {
    let layout = AxisLayout(ChartAxis("", scale), values, endsAtTicks: true)
    #expect(layout.low < layout.high)
    #expect(layout.ticks.count < 400)
    for tick in layout.ticks { #expect(tick.value.isFinite && !tick.label.isEmpty) }
    for value in values {
      guard let place = layout.position(value) else { continue }
      #expect(place.isFinite)
    }
  }

  @Test("of a given range shows that range and nothing else")
  func fixedRange() {
    let layout = AxisLayout(ChartAxis("", range: 0...1), [-4, 9], endsAtTicks: true)
    #expect(layout.low == 0 && layout.high == 1)
    #expect(layout.position(2) == 2)
  }
}
