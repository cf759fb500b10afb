internal import ArgumentParser
internal import Modeling
internal import SegmentAnything
internal import Tensors

/// The image encoders, from an RGB photo of 1024 x 1024 to what its prompts share.
struct EncoderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encoder",
    abstract: "Image encoders: first image, next images, share of the vendor's rate, memory.",
    discussion: """
      Peak memory is that of the process: the model named last has to share it with those before it.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var models: ModelOptions

  @Flag(help: "Print how long each stage takes, too.")
  var stages = false

  func run() throws {
    let compute = common.compute
    let photo = try BenchedModel.photo()
    var report = Report(
      "Image encoders", "model", "first ms", "next ms", "GMAC", "share of sgemm", "peak MB")
    var profiles: [Report] = []
    var rate = VendorRate(threads: common.threads)
    for make in models.makers(on: compute) {
      let model = try make()
      let first = try milliseconds { _ = try model.sam.embed(photo) }
      var (times, rates): ([Double], [Double]) = ([], [])
      for _ in 0..<common.runs {
        rates.append(rate.measure())
        times.append(try milliseconds { _ = try model.sam.embed(photo) })
      }
      let time = Samples(times).median
      let share = model.multiplications.map { 2000 * $0 / time / Samples(rates).median }
      report.add(
        .text(model.name), Report.time(first), Report.time(time),
        model.multiplications.map { .number($0, 0) } ?? .absent, share.map(Report.Cell.share) ?? .absent,
        .number(Machine.peakMemory, 0))
      if stages { profiles.append(try profile(model)) }
    }
    try report.print(common)
    for profile in profiles { try profile.print(common) }
  }

  /// Milliseconds between the stages' results.
  private func profile(_ model: BenchedModel) throws -> Report {
    let photo = try BenchedModel.photo()
    let input = ModelInput(photo, size: model.sam.configuration.imageSize, compute: model.sam.compute).tensor
    var names: [String] = []
    var times: [[Double]] = []
    for _ in 0..<common.runs {
      var (last, index) = (ContinuousClock.now, 0)
      func pass(_ name: String) {
        let now = ContinuousClock.now
        if index == names.count {
          names.append(name)
          times.append([])
        }
        times[index].append((now - last) / .milliseconds(1))
        (last, index) = (now, index + 1)
      }
      _ = try model.sam.embed(
        input, width: photo.width, height: photo.height, observe: ActivationObserver { name, _ in pass(name) }
      )
      pass("shared by prompts")
    }
    var report = Report("Stages of \(model.name)", "stage", "ms", "share")
    let medians = times.map { Samples($0).median }
    let sum = medians.reduce(0, +)
    for (name, time) in zip(names, medians) {
      report.add(.text(name), Report.time(time), .share(time / sum))
    }
    return report
  }
}

/// Which models to measure.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Models of random weights by name, separated by commas: \(BenchedModel.names.joined(separator: ", ")); with \
      :int8 behind it, in that precision.
      """,
      valueName: "names"))
  var models = "nano,tinyvit,vit_b"

  @Option(help: ArgumentHelp("A checkpoint instead.", valueName: "file"))
  var checkpoint: String?

  /// What makes the models, so that only one is held at a time.
  func makers(on compute: Compute) -> [() throws -> BenchedModel] {
    if let checkpoint { return [{ try BenchedModel(checkpoint: checkpoint, on: compute) }] }
    return models.split(separator: ",").map { name in
      { try BenchedModel(named: String(name), on: compute) }
    }
  }
}
