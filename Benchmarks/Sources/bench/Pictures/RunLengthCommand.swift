internal import ArgumentParser
internal import Imaging

/// Masks as run lengths.
struct RunLengthCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rle", abstract: "Masks to COCO's run lengths and back.")

  @OptionGroup var common: CommonOptions

  func run() throws {
    var report = Report("Run lengths", "mask", "runs", "encode ms", "compress ms", "expand ms", "decode ms")
    for (width, height) in [(1024, 1024), (4000, 3000)] {
      for (name, mask) in [
        ("disk", try RunLengthCommand.mask(width, height) { $0 * $0 + $1 * $1 < 0.6 }),
        ("ripples", try RunLengthCommand.mask(width, height) { Int((abs($0) * 97 + abs($1) * 61)) % 3 == 0 }),
      ] {
        let runs = RunLengthMask(mask)
        let text = runs.compressed
        let times = try [
          Samples(common.runs) { _ = RunLengthMask(mask) },
          Samples(common.runs) { _ = runs.compressed },
          Samples(common.runs) { _ = try RunLengthMask(compressed: text, width: width, height: height) },
          Samples(common.runs) { _ = runs.mask },
        ].map { Report.time($0.median) }
        report.add(
          .text("\(name) \(width)x\(height)"), .number(Double(runs.counts.count), 0), times[0], times[1],
          times[2], times[3])
      }
    }
    try report.print(common)
  }

  /// A mask of where a condition holds; coordinates are from −1 to 1.
  private static func mask(
    _ width: Int, _ height: Int, _ isInside: (Double, Double) -> Bool
  ) throws -> Mask {
    var bits: [UInt8] = []
    bits.reserveCapacity(width * height)
    for y in 0..<height {
      for x in 0..<width {
        let (u, v) = (2 * Double(x) / Double(width) - 1, 2 * Double(y) / Double(height) - 1)
        bits.append(isInside(u, v) ? 1 : 0)
      }
    }
    return try Mask(width: width, height: height, bits: bits)
  }
}
