internal import ArgumentParser
internal import Tensors

/// What all benchmarks have in common.
struct CommonOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How many threads to use.", valueName: "n"))
  var threads = Compute.processorCount

  @Option(help: ArgumentHelp("Runs of which the median is taken.", valueName: "n"))
  var runs = 5

  @Flag(help: "Print JSON, a line for each table.")
  var json = false

  var compute: Compute { Compute(threads: threads) }

  func validate() throws {
    guard (1...1024).contains(threads) else { throw ValidationError("--threads is from 1 to 1024") }
    guard (1...10_000).contains(runs) else { throw ValidationError("--runs is from 1 to 10000") }
  }
}
