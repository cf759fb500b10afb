internal import Datasets
internal import Evaluation
internal import Imaging

extension EdgesPart {
  /// The folder's edge maps at all thresholds, and the scores of them all.
  static func maps(_ context: PartContext, _ recorder: Recorder) throws(VerificationError) {
    let folder = context.folder
    guard folder.has("counts.json") else { return }
    let truthFolder = context.root.path + "/../data/bsds_val"
    let expected = try folder.json("counts.json").member("images")
    var images: [String: [EdgeCounts]] = [:]
    for (name, counts) in try expected.members() {
      let path = "\(truthFolder)/\(name).mat"
      guard ReferenceFolder(path: truthFolder).has("\(name).mat") else {
        recorder.skip("maps/" + name)
        continue
      }
      recorder.announce("edge map \(name)")
      recorder.attempt("maps/" + name) { () throws(VerificationError) in
        images[name] = try compare(
          grayMap(folder.file(name + ".png")), truth(path), counts, "maps/" + name, recorder)
      }
    }
    guard folder.has("expected.json") else { return }
    let scores = try folder.json("expected.json")
    for (name, value) in try scores[optional: "single_images_from_exact"]?.members() ?? [] {
      guard let counts = images[name] else { continue }
      // Where one image's precision passes one half hangs on single pixels, and so does its R50.
      try compare(
        EdgeScores(images: [counts]), value, "scores/" + name, recorder,
        .bounds(absolute: 1e-3, relative: nil), withRecallAtHalf: false)
      if value[optional: "R50"] != nil { recorder.skip("scores/\(name)/R50") }
    }
    try scoresOfAll(scores, images, recorder)
  }

  /// The counts of a map at all thresholds, compared.
  private static func compare(
    _ map: GrayMap, _ truth: BoundaryTruth, _ expected: ReferenceValue, _ name: String, _ recorder: Recorder
  ) throws(VerificationError) -> [EdgeCounts] {
    guard map.width == truth.width, map.height == truth.height else {
      throw expected.unexpected("of a map of the truth's size")
    }
    let levels = EdgeMatcher().levels(of: map, truth: truth.annotators)
    let all = levels.map(\.counts)
    let wantedTruth = try expected.member("sumR").number()
    let pairs: [(key: String, own: [Int], limit: Limit)] = [
      ("sumP", all.map(\.map), .exact),
      ("cntR_max", all.map(\.matchedTruth), .exact),
      ("optimal_distance_x100", levels.map(\.distance), .exact),
      // Which of several equally cheap pixels is matched is not determined.
      ("cntP_exact_solver", all.map(\.matchedMap), .bounds(absolute: 15, relative: nil)),
      ("reference_cntP", all.map(\.matchedMap), .bounds(absolute: 20, relative: nil)),
    ]
    recorder.record(
      name + "/sumR", Difference(all.map { Double($0.truth) }, all.map { _ in wantedTruth }), .exact)
    for pair in pairs {
      recorder.record(
        "\(name)/\(pair.key)",
        Difference(pair.own.map(Double.init), try expected.member(pair.key).numbers(pair.own.count)),
        pair.limit)
    }
    return all
  }

  /// The scores of all maps together; those of the reference, which is random, are for information.
  private static func scoresOfAll(
    _ expected: ReferenceValue, _ images: [String: [EdgeCounts]], _ recorder: Recorder
  ) throws(VerificationError) {
    guard let value = expected[optional: "from_exact"] else { return }
    var counts: [[EdgeCounts]] = []
    var names: [String] = []
    for image in try value.member("per_image").elements() { names.append(try image.member("image").text()) }
    for name in names {
      guard let image = images[name] else { return recorder.skip("scores") }
      counts.append(image)
    }
    let scores = EdgeScores(images: counts)
    let fine = Limit.bounds(absolute: 5e-4, relative: nil)
    let wanted = [
      try value.member("ODS").member("F").number(), try value.member("ODS_grid").member("F").number(),
      try value.member("OIS").member("F").number(), try value.member("AP").number(),
    ]
    recorder.record(
      "scores/F and AP",
      Difference(
        [scores.best.f, scores.bestOnGrid.f, scores.bestPerImage.f, scores.averagePrecision], wanted), fine)
    recorder.record(
      "scores/R50",
      Difference([scores.recallAtHalf ?? .nan], [try value.member("R50").number()]),
      .bounds(absolute: 1e-3, relative: nil))
    for (own, wanted) in zip(scores.images, try value.member("per_image").elements()) {
      recorder.record(
        "scores/best of \(try wanted.member("image").text())",
        Difference([own.best.f], [try wanted.member("F").number()]), .bounds(absolute: 1e-3, relative: nil))
    }
    for name in ["from_reference_seed_1", "reference_seed_2_summary", "reference_seed_3_summary"]
    where expected[optional: name] != nil { recorder.skip("scores/" + name) }
  }

  private static func truth(_ path: String) throws(VerificationError) -> BoundaryTruth {
    do throws(DatasetError) { return try BoundaryTruth(contentsOfFile: path) } catch { throw .dataset(error) }
  }
}
