internal import ArgumentParser
internal import SegmentAnything

/// Everything mode: masks from a grid of points.
struct EverythingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "everything",
    abstract: "Masks for all of a photo from a grid of points.",
    discussion: """
      The photo is the example photo, resized to the size asked for. Encoding and the masks are measured apart; the \
      settings are those that suit the model.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var models: ModelOptions

  @Option(help: ArgumentHelp("Points along each side of the grid.", valueName: "n"))
  var points = 32

  @Option(help: ArgumentHelp("The photo's side in pixels.", valueName: "n"))
  var side = 1024

  func run() throws {
    guard (1...256).contains(points), (16...8192).contains(side) else {
      throw ValidationError("--points is from 1 to 256, --side from 16 to 8192")
    }
    let compute = common.compute
    let photo = try Image(contentsOfFile: PackageFiles.photo).resized(width: side, height: side)
    var report = Report(
      "Everything, \(points) x \(points) points, \(side) x \(side) pixels", "model", "encode ms", "masks ms",
      "together", "masks", "peak MB")
    for make in models.makers(on: compute) {
      let model = try make()
      var settings = AutomaticMaskGenerator.Settings.tuned(for: model.sam)
      settings.pointsPerSide = points
      let generator = try AutomaticMaskGenerator(model.sam, settings: settings)
      let encoding = try Samples(common.runs) { _ = try model.sam.embed(photo) }.median
      let embedding = try model.sam.embed(photo)
      var masks = 0
      let deciding = try Samples(common.runs) {
        masks = 0
        try generator.generate(photo, embedding: embedding) { _ in masks += 1 }
      }.median
      report.add(
        .text(model.name), Report.time(encoding), Report.time(deciding), Report.time(encoding + deciding),
        .number(Double(masks), 0), .number(Machine.peakMemory, 0))
    }
    try report.print(common)
  }
}
