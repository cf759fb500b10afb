import Files

/// One line on a terminal's standard error that says how far a long task is; silent elsewhere.
struct ProgressLine {
  /// What is counted.
  enum Unit { case bytes, images }

  private let title: String
  private let unit: Unit
  private let begin = ContinuousClock.now
  private var shown = ContinuousClock.now
  private var first: Int?
  private var isVisible = false
  private let isEnabled = Console.isInteractive

  init(_ title: String, unit: Unit) {
    self.title = title
    self.unit = unit
  }

  /// Shows the state, at most ten times a second.
  ///
  /// - Parameters:
  ///   - skipped: how many of `done` took no time.
  ///   - note: shown at the end.
  mutating func update(_ done: Int, of total: Int?, skipped: Int = 0, note: String? = nil) {
    let now = ContinuousClock.now
    if first == nil { first = done }
    guard isEnabled, now - shown > .milliseconds(100) || done == total else { return }
    shown = now
    isVisible = true
    let seconds = (now - begin) / .seconds(1)
    // What was there before the start took no time.
    let rate = seconds > 0 ? Double(max(0, done - max(first ?? 0, skipped))) / seconds : 0
    Console.note(
      "\r\u{1B}[K" + Self.text(title, done, of: total, rate: rate, unit: unit, note: note), terminator: "")
  }

  /// Removes the line, so that other output starts on a clean one.
  mutating func clear() {
    if isVisible { Console.note("\r\u{1B}[K", terminator: "") }
    isVisible = false
  }

  /// The line: what, how far, how fast, how long still.
  static func text(
    _ title: String, _ done: Int, of total: Int?, rate: Double, unit: Unit, note: String? = nil
  ) -> String {
    var parts: [String] = []
    switch unit {
    case .bytes:
      parts.append(megabytes(Double(done)) + (total.map { " of " + megabytes(Double($0)) } ?? ""))
      if rate > 0 { parts.append(megabytes(rate) + "/s") }
    case .images:
      parts.append("\(done)" + (total.map { " of \($0)" } ?? ""))
      if rate > 0 { parts.append(Decimal.fixed(rate, decimals: 1) + " images/s") }
    }
    if let total, rate > 0 { parts.append(duration(Double(total - done) / rate) + " left") }
    if let note { parts.append(note) }
    let picture = unit == .images ? total.map { bar(done, of: $0) + " " } ?? "" : ""
    return title + ": " + picture + parts.joined(separator: ", ")
  }

  private static func bar(_ done: Int, of total: Int) -> String {
    let width = 20
    let full = total > 0 ? min(width, width * done / total) : width
    return "[" + String(repeating: "#", count: full) + String(repeating: "-", count: width - full) + "]"
  }

  private static func megabytes(_ bytes: Double) -> String { Decimal.fixed(bytes / 1e6, decimals: 1) + " MB" }

  private static func duration(_ seconds: Double) -> String {
    let whole = Int(min(max(seconds, 0), 359_999).rounded())
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let hours = whole / 3600
    return (hours > 0 ? "\(hours):\(two(whole / 60 % 60))" : "\(whole / 60)") + ":\(two(whole % 60))"
  }
}
