internal import ArgumentParser
internal import Tensors

/// Operations by the shapes of real layers.
struct KernelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "Operations by the shapes of real layers, each beside its naive form and the vendor's product.",
    discussion: """
      GFLOPS count what the definition of an operation calls for, and include its bias and the packing of its \
      operands. Naive forms run on one thread over as many rows of the result as take a moment, and are scaled up \
      to all of them.
      """)

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("Only layers whose group or name contains this.", valueName: "text"))
  var filter: String?

  @Flag(inversion: .prefixedNo, help: "Measure the naive forms.")
  var naive = true

  @Flag(
    name: .customLong("bfloat16"),
    help: "Round what products multiply to bfloat16, as training may, where the processor has tiles.")
  var roundsProducts = false

  func run() throws {
    let compute =
      roundsProducts ? Compute(threads: common.threads, roundingProducts: true) : common.compute
    var rate = VendorRate(threads: common.threads)
    var rates: [Double] = []
    var report = Report(
      "Kernels", "group", "layer", "ms", "GFLOPS", "share of sgemm", "naive ms", "times faster")
    for kernel in Kernel.all {
      if let filter, !kernel.name.contains(filter), !kernel.group.contains(filter) { continue }
      let work = kernel.prepare(compute)
      work.run()
      // Short operations are repeated, so that what is timed lasts a few milliseconds.
      let once = milliseconds(work.run)
      let repetitions = max(1, min(2000, Int(10 / max(once, 0.001))))
      var (times, shares): ([Double], [Double]) = ([], [])
      for _ in 0..<common.runs {
        let vendor = rate.measure()
        let time = milliseconds { for _ in 0..<repetitions { work.run() } } / Double(repetitions)
        times.append(time)
        shares.append(kernel.operations / time / 1e6 / vendor)
        rates.append(vendor)
      }
      let time = Samples(times).median
      let slow = naive ? naiveTime(kernel, work) : nil
      report.add(
        .text(kernel.group), .text(kernel.name), Report.time(time),
        .number(kernel.operations / time / 1e6, 1), .share(Samples(shares).median),
        slow.map(Report.time) ?? .absent, slow.map { .number($0 / time, 0) } ?? .absent)
    }
    report.add(
      .text("sgemm"), .text("the vendor's, 4096x768x3072"), .absent, .number(Samples(rates).median, 1),
      .share(1), .absent, .absent)
    try report.print(common)
  }

  /// Milliseconds of the naive form for all rows.
  private func naiveTime(_ kernel: Kernel, _ work: Kernel.Work) -> Double {
    let perRow = kernel.operations / Double(work.rows)
    let rows = max(1, min(work.rows, Int(4e7 / perRow)))
    return milliseconds { work.naive(rows) } * Double(work.rows) / Double(rows)
  }
}
