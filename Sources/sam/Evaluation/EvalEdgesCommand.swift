import ArgumentParser
import Datasets
import Evaluation
import Files
import Imaging
import SegmentAnything

/// `sam eval edges`: edge detection without training, and the Berkeley benchmark of any edge maps.
struct EvalEdgesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "edges",
    abstract: "Edges of masks, or any edge maps, by the Berkeley benchmark.",
    discussion: """
      TRUTH is a folder of boundaries that people drew, NAME.mat as in BSDS500. With --maps, edge maps that are there \
      already are scored: grey PNG of 8 or 16 bits, named alike. Else the model's own edges are made from the pictures \
      NAME.jpg and scored, by the paper's procedure: a grid of points, three masks each, duplicates removed, Sobel's \
      filter of the masks' probabilities along their outlines, the largest of all, scaled, suppressed beside the crest, \
      in 8 bits.

      At 99 thresholds the map is thinned and matched one to one with each annotator's boundaries. ODS is the best F \
      of one threshold for all images, OIS with the best for each, AP average precision, R50 the recall at a precision \
      of one half. The matching is exact; the benchmark's own is randomised and finds a little less.

      Examples:
        sam eval edges data/bsds_val --maps maps --json edges.json
        sam eval edges data/bsds_val -o runs/edges --report edges.html
        sam eval edges BSDS500/groundTruth/test --images BSDS500/images/test --checkpoint vit_h -o runs/edges

      An image that cannot be read is reported and left out; the exit code is 1 then. With --out, maps are written to \
      FOLDER/maps (those of --maps are not), and Ctrl-C and the same command again go on where it was.
      """)

  @Argument(help: "The truth: a folder of .mat files.", completion: .directory)
  var truth: String

  @Option(
    help: ArgumentHelp("Score the edge maps of this folder.", valueName: "folder"), completion: .directory)
  var maps: String?

  @Option(
    help: ArgumentHelp("Pictures are in this folder (default: beside the truth).", valueName: "folder"),
    completion: .directory)
  var images: String?

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var runOptions: EvaluationOptions
  @OptionGroup var resultOptions: ResultOptions

  @Option(help: ArgumentHelp("Points along each side of the grid.", valueName: "n"))
  var pointsPerSide = 16

  @Option(
    help: ArgumentHelp(
      "Of masks whose boxes have an IoU above this, the most confident stays.", valueName: "0...1"))
  var boxNms = 0.7

  @Option(
    help: ArgumentHelp(
      "How many pixels wide outlines are, half of them, rounded up, inside the mask.", valueName: "n"))
  var boundaryWidth = 2

  @Flag(help: "Leave out the outlines of holes.")
  var fillHoles = false

  @Option(help: ArgumentHelp("What Sobel's filter finds beyond the image.", valueName: "replicated|zero"))
  var border: MaskEdges.Border = .replicated

  @Flag(
    inversion: .prefixedNo,
    help: "Smooth edges by a Gaussian of 3x3 pixels before they are suppressed.")
  var smooth = true

  @Option(help: ArgumentHelp("Set so many outermost rows and columns to zero.", valueName: "n"))
  var frame = 3

  @Option(
    help: ArgumentHelp(
      "How strengths beside the crest are suppressed: along the masks' gradients, as the edges toolbox does, or not at all (default: canny; with --maps none).",
      valueName: "canny|dollar|none"))
  var nms: EdgeSuppression?

  @Option(
    help: ArgumentHelp("How far partners may be apart, as a share of the diagonal.", valueName: "share"))
  var maxDist = 0.0075

  func validate() throws {
    guard (1...256).contains(pointsPerSide) else {
      throw ValidationError("--points-per-side \(pointsPerSide): expected 1 to 256")
    }
    guard (0...1).contains(boxNms) else { throw ValidationError("--box-nms \(boxNms): expected 0 to 1") }
    guard (1...20).contains(boundaryWidth) else {
      throw ValidationError("--boundary-width \(boundaryWidth): expected 1 to 20")
    }
    guard (0...1000).contains(frame) else { throw ValidationError("--frame \(frame): expected 0 to 1000") }
    guard maxDist > 0, maxDist <= 0.1 else {
      throw ValidationError("--max-dist \(maxDist): expected more than 0, .1 at most")
    }
    if maps != nil {
      if nms == .canny {
        throw ValidationError("--nms canny: needs the masks' gradients, which --maps does not have")
      }
      for (name, isGiven) in [
        ("--embeddings", runOptions.embeddings != nil), ("--checkpoint", modelOptions.checkpoint != nil),
      ] where isGiven {
        throw ValidationError("\(name) cannot be combined with --maps")
      }
    }
  }

  func run() throws {
    let source = try BoundaryFolder(truth, pictures: images)
    let chosen = ImageSelection.drawn(runOptions.limit, of: source.count, seed: runOptions.seed)
    let matcher = EdgeMatcher(share: maxDist, threads: modelOptions.threads)
    if let maps {
      let scoring = try EdgeMapScoring(
        source: source, maps: maps, matcher: matcher, suppression: nms ?? .none)
      let run = try ImageRun(
        "edge maps", out: runOptions.out,
        settings: [
          ("maps", .string(runOptions.out == nil ? "" : try scoring.digest)),
          ("nms", .string((nms ?? .none).rawValue)), ("max_dist", .real(maxDist)),
        ], total: chosen.count, title: "eval edges")
      let images = try scoring.run(run, chosen)
      try tell(EdgeReport(images), model: nil, source) { scoring.map(at: $0) }
      return try run.finish()
    }
    let model = try modelOptions.load()
    let run = try ImageRun(
      "edges", runOptions, model: model, settings: journalSettings, total: chosen.count)
    let embeddings = KeptEmbeddings(model, folder: runOptions.embeddings)
    let edges = MaskEdges(model, settings: settings)
    let stop = run.stop
    let results = try run.results(of: source, images: chosen) { sample, index -> EdgeImageResult in
      let truth = try source.truth(at: index)
      let embedding = try embeddings.embedding(of: sample, in: source.name) { run.isStopped }
      let found = try edges.edges(in: embedding) { stop.isRaised }
      guard let map = found.edges.map() else { throw CommandError.noEdgeMap(image: sample.name) }
      if let path = mapPath(sample.name) { try write(map, to: path) }
      return EdgeImageResult(
        name: sample.name, index: index, counts: matcher.counts(of: map, truth: truth.annotators),
        maskCount: found.maskCount)
    }
    run.clear()
    try tell(EdgeReport(results.map(\.value)), model: model, source) { result in
      if let path = mapPath(result.name), let map = try? GrayMap(contentsOfFile: path) { return map }
      guard let sample = try? source.sample(at: result.index),
        let embedding = try? embeddings.embedding(of: sample, in: source.name)
      else { return nil }
      return try? edges.edges(in: embedding).edges.map()
    }
    try run.finish()
  }

  private var settings: MaskEdges.Settings {
    var settings = MaskEdges.Settings()
    settings.pointsPerSide = pointsPerSide
    settings.boxNMSThreshold = boxNms
    settings.boundaryWidth = boundaryWidth
    settings.fillsHoles = fillHoles
    settings.border = border
    settings.smooths = smooth
    settings.frame = frame
    settings.suppression = nms ?? .canny
    return settings
  }

  private var journalSettings: [(key: String, value: JSONText)] {
    [
      ("points_per_side", .integer(pointsPerSide)), ("box_nms", .real(boxNms)),
      ("boundary_width", .integer(boundaryWidth)), ("fill_holes", .bool(fillHoles)),
      ("border", .string(border.rawValue)), ("smooth", .bool(smooth)), ("frame", .integer(frame)),
      ("nms", .string(settings.suppression.rawValue)), ("max_dist", .real(maxDist)),
    ]
  }

  /// Where an image's map is written; nil where none are.
  private func mapPath(_ name: String) -> String? {
    runOptions.out.map { $0 + ($0.hasSuffix("/") ? "" : "/") + "maps/" + name + ".png" }
  }

  private func write(_ map: GrayMap, to path: String) throws {
    try Folder.make(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
    try GrayImage(width: map.width, height: map.height, pixels: map.samples.map { UInt8($0) }).write(to: path)
  }

  private func tell(
    _ report: EdgeReport, model: SAM?, _ source: BoundaryFolder,
    map: @escaping (EdgeImageResult) -> GrayMap?
  ) throws {
    try Console.print(table(report))
    try Console.print("\n" + EdgeReport.matchingNote)
    try resultOptions.write {
      report.json
    } report: {
      EdgesPage(command: self, settings: settings, model: model, report: report, source: source, map: map)
        .page
    }
  }

  private func table(_ report: EdgeReport) -> String {
    var table = Table([
      "": .left, "images": .right, "ODS": .right, "OIS": .right, "AP": .right, "R50": .right, "P": .right,
      "R": .right, "T": .right,
    ])
    func number(_ value: Double?) -> String { value.map { Decimal.fixed($0, decimals: 3) } ?? "-" }
    func own(_ value: Double?) -> String { number(report.told(value)) }
    let scores = report.scores
    table.add(
      maps.map { _ in "maps" } ?? "masks", String(report.images.count), own(scores.best.f),
      own(scores.bestPerImage.f), own(scores.averagePrecision), own(scores.recallAtHalf),
      own(scores.best.precision), own(scores.best.recall), own(scores.best.threshold))
    for method in PublishedEdges.all {
      table.add(
        method.name + ", published", "200", number(method.ods), number(method.ois), number(method.ap),
        number(method.r50), "-", "-", "-")
    }
    return table.text
  }
}
