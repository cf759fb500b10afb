import ArgumentParser
import Files
import Verification

/// `sam verify`: compares this build with reference values.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Compare this build with a folder of reference values, stage by stage.",
    discussion: """
      The folder has a subfolder for each part (preprocess, model, stages, tinyvit, nano, fullsize, stats) and \
      tolerances.json with the limits. Every size, case and limit is read from its files. A file that is damaged or \
      missing counts as a failed check. Parts that this build does not know are listed as not covered.

      For each check: the largest absolute difference, the norm of the difference over the norm of the reference \
      (rel L2), what is allowed, and the time since the check before. For masks: the number and share of pixels that \
      differ.

      Examples:
        sam verify golden
        sam verify golden --only stages --only fullsize/vit_b
        sam verify golden --json > report.json

      The exit code is 1 where a check failed.
      """)

  @Argument(help: "The folder.", completion: .directory)
  var folder: String

  @Option(help: "Check only this part, such as stages or fullsize/vit_b; may be repeated.")
  var only: [String] = []

  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  func run() throws {
    let isInteractive = Console.isInteractive
    func clear() { if isInteractive { Console.note("\r\u{1B}[K", terminator: "") } }
    let verifier = Verifier(folder: folder, only: only) { progress in
      guard isInteractive else { return }
      let seconds = Decimal.fixed(progress.seconds, decimals: 1)
      Console.note("\r\u{1B}[K\(progress.part): \(progress.step) (\(seconds) s)", terminator: "")
    }
    let report: Report
    do {
      report = try verifier.run()
    } catch {
      clear()
      throw error
    }
    clear()
    if json {
      try Console.print(report.json(folder: folder))
    } else {
      try printTable(report)
    }
    if !report.failures.isEmpty { throw ExitCode.failure }
  }

  private func printTable(_ report: Report) throws {
    var table = Table([
      "": .left, "part": .left, "check": .left, "largest": .right, "rel L2": .right, "limit": .left,
      "time": .right,
      "note": .left,
    ])
    for check in report.checks {
      var (largest, relative, limit, note) = ("-", "-", "-", check.note ?? "")
      switch check.outcome {
      case .compared(let difference, .bounds(let absolute, let bound)):
        largest = Self.short(difference.largest)
        relative = difference.relative.map(Self.short) ?? "-"
        limit = [absolute.map(Self.short), bound.map { "rel " + Self.short($0) }].compactMap(\.self)
          .joined(separator: ", ")
      case .compared(let difference, .pixels(let count, let fraction)):
        largest = Self.short(difference.largest) + " px"
        relative = difference.relative.map(Self.short) ?? "-"
        limit = "\(count) px or \(Self.short(fraction))"
      case .broken(let reason):
        note = reason
      }
      table.add(
        check.passed ? "ok" : "FAILED", check.part, check.name, largest, relative, limit,
        Decimal.fixed(check.seconds, decimals: 3) + " s", note)
    }
    if !report.checks.isEmpty { try Console.print(table.text) }
    if !report.notCovered.isEmpty {
      try Console.print("not covered: " + report.notCovered.joined(separator: ", "))
    }
    try Console.print(report.summary)
  }

  /// Whole numbers as they are, others with two digits: 3.1e-05.
  private static func short(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : "infinite" }
    if value == value.rounded(), value.magnitude < 1e6 { return String(Int(value)) }
    var (mantissa, exponent) = (value.magnitude, 0)
    while mantissa >= 9.95 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    while mantissa < 0.995 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    let digits = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
    return (value < 0 ? "-" : "") + Decimal.fixed(mantissa, decimals: 1) + "e" + (exponent < 0 ? "-" : "+")
      + digits
  }
}
