internal import ArgumentParser
internal import SegmentAnything

/// From a file to a model that can be used.
struct LoadingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loading", abstract: "Loading the model inside, and a checkpoint where one is named.")

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("A checkpoint of any format.", valueName: "file"))
  var checkpoint: String?

  func run() throws {
    let compute = common.compute
    var report = Report("Loading", "model", "first ms", "next ms", "peak MB")
    func add(_ name: String, _ load: () throws -> Void) throws {
      let first = try milliseconds(load)
      let next = try Samples(common.runs, warmingUp: false, load).median
      report.add(.text(name), Report.time(first), Report.time(next), .number(Machine.peakMemory, 0))
    }
    try add("inside") { _ = try SAM.embedded(compute: compute) }
    if let checkpoint {
      try add(PackageFiles.name(of: checkpoint)) { _ = try SAM(checkpoint: checkpoint, compute: compute) }
    }
    try report.print(common)
  }
}
