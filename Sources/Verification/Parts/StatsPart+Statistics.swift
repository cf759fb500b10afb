internal import Evaluation
internal import Imaging
internal import Statistics

extension StatsPart {
  /// Random numbers, tests and intervals.
  static func statistics(_ folder: ReferenceFolder, _ recorder: Recorder) throws(VerificationError) {
    let expected = try folder.json("expected_stats.json")
    let samples = try folder.json("samples.json")
    try randomNumbers(expected, recorder)
    for (name, value) in try expected.member("paired").members() {
      recorder.attempt("paired/" + name) { () throws(VerificationError) in
        guard let (a, b) = try pair(named: name, samples) else { return recorder.skip("paired/" + name) }
        try compare(PairedTest(a, b), (a, b), value, "paired/" + name, recorder)
      }
    }
    for (name, value) in try expected.member("group_ci").members() {
      recorder.attempt("group_ci/" + name) { () throws(VerificationError) in
        let values =
          name == "rating_sam"
          ? try samples.member("ratings").member("sam").numbers()
          : try samples.member("groups").member(name).numbers()
        try compare(values, value, "group_ci/" + name, recorder)
      }
    }
    for (name, value) in try expected.member("rating_histogram").members() {
      var counts = [Double](repeating: 0, count: 10)
      for rating in try samples.member("ratings").member(name).elements() {
        counts[try rating.integer(in: 1...10) - 1] += 1
      }
      recorder.record("rating_histogram/" + name, Difference(counts, try value.numbers(10)), .exact)
    }
    try stratification(folder, try expected.member("stratified_sample"), recorder)
  }

  private static func randomNumbers(
    _ expected: ReferenceValue, _ recorder: Recorder
  ) throws(VerificationError) {
    for (seed, stream) in try expected.member("splitmix64").members() {
      guard let seed = UInt64(seed) else { throw stream.unexpected("streams by seed") }
      var random = SplitMix64(seed: seed)
      var differing = 0
      for (position, value) in try stream.elements().enumerated() {
        var apart = SplitMix64(seed: seed, skipping: UInt64(position))
        let wanted = UInt64(try value.text(), radix: 16)
        if random.next() != wanted || apart.next() != wanted { differing += 1 }
      }
      recorder.record("splitmix64/\(seed)", differing, 0)
    }
    let indices = try expected.member("splitmix64_index")
    var random = SplitMix64(seed: UInt64(try indices.member("seed").integer(in: 0...Int.max)))
    let count = try indices.member("n").integer(in: 1...1 << 31)
    let first = try indices.member("first_20").numbers()
    recorder.record(
      "splitmix64_index", Difference(first.map { _ in Double(random.index(below: count)) }, first), .exact)
    let units = try expected.member("splitmix64_unit")
    random = SplitMix64(seed: UInt64(try units.member("seed").integer(in: 0...Int.max)))
    let firstUnits = try units.member("first_5").numbers()
    recorder.record(
      "splitmix64_unit", Difference(firstUnits.map { _ in random.unit() }, firstUnits), .exact)
  }

  /// The two samples that a test is named after; nil for a name of another form.
  private static func pair(
    named name: String, _ samples: ReferenceValue
  ) throws(VerificationError) -> (a: [Double], b: [Double])? {
    switch name {
    case "two_values": return ([5, 3], [3, 2])
    case "all_equal_differences": return ([3, 4, 5], [2, 3, 4])
    case "iou_37": return (try samples.member("iou_a").numbers(), try samples.member("iou_b").numbers())
    default: break
    }
    // sam_vs_ground_truth_1000, sam_vs_single_first_40
    let ratings = try samples.member("ratings")
    let words = name.split(separator: "_")
    guard let versus = words.firstIndex(of: "vs"), let last = words.last, let count = Int(last) else {
      return nil
    }
    let second = words[(versus + 1)...].dropLast().filter { $0 != "first" }.joined(separator: "_")
    let a = try ratings.member(words[..<versus].joined(separator: "_")).numbers()
    let b = try ratings.member(second).numbers()
    guard a.count == b.count, a.count >= count else { throw ratings.unexpected("lists of \(count)") }
    return (Array(a.prefix(count)), Array(b.prefix(count)))
  }

  private static func compare(
    _ test: PairedTest, _ samples: (a: [Double], b: [Double]), _ expected: ReferenceValue, _ name: String,
    _ recorder: Recorder
  ) throws(VerificationError) {
    recorder.record(
      name + "/counts",
      Difference(
        [Double(test.count), Double(test.degreesOfFreedom)],
        [try expected.member("n").number(), try expected.member("df").number()]), .exact)
    recorder.record(
      name + "/moments",
      Difference(
        [samples.a.mean, samples.b.mean, test.meanDifference, test.standardDeviation],
        [
          try expected.member("mean_a").number(), try expected.member("mean_b").number(),
          try expected.member("mean_difference").number(), try expected.member("sd_difference").number(),
        ]), tolerance)
    if let t = try expected[optional: "t"]?.number(), let own = test.t {
      recorder.record(name + "/t", Difference([own], [t]), tolerance)
      let limit = Limit.bounds(absolute: nil, relative: 1e-9)
      for (key, value) in [("p_two_sided", test.twoSided), ("p_greater", test.greater)] {
        guard let wanted = Double(try expected.member(key).text()) else {
          throw expected.unexpected("probabilities as text")
        }
        recorder.record(name + "/" + key, Difference([value ?? .nan], [wanted]), limit)
      }
      if let wanted = try expected[optional: "log10_p_two_sided"]?.number() {
        let log10 = (test.logTwoSided ?? .nan) / 2.302585092994046
        recorder.record(name + "/log10_p_two_sided", Difference([log10], [wanted]), limit)
      }
    } else {
      recorder.record(name + "/t", expected[optional: "t"] == nil && test.t == nil ? 0 : 1, 0)
    }
    try compareBootstrap(
      zip(samples.a, samples.b).map { $0 - $1 }, try expected.member("bootstrap"), name + "/bootstrap",
      recorder)
  }

  private static func compareBootstrap(
    _ values: [Double], _ expected: ReferenceValue, _ name: String, _ recorder: Recorder
  ) throws(VerificationError) {
    let count = try expected.member("samples").integer(in: 1...1_000_000)
    let seed = UInt64(try expected.member("seed").integer(in: 0...Int.max))
    let bootstrap = Bootstrap(values, samples: count, seed: seed)
    let interval = bootstrap.interval(level: try expected.member("level").number())
    recorder.record(
      name + "/interval",
      Difference(
        [interval.lowerBound, interval.upperBound],
        [try expected.member("low").number(), try expected.member("high").number()]),
      .bounds(absolute: 1e-11, relative: nil))
    guard let first = try expected[optional: "first_5_means"]?.numbers() else { return }
    let means = Array(bootstrap.means.prefix(first.count))
    recorder.record(name + "/first means", Difference(means, first), tolerance)
    recorder.record(
      name + "/means",
      Difference(
        [bootstrap.means.mean, bootstrap.means.min() ?? .nan, bootstrap.means.max() ?? .nan],
        [
          try expected.member("mean_of_means").number(), try expected.member("min").number(),
          try expected.member("max").number(),
        ]), tolerance)
  }

  private static func compare(
    _ values: [Double], _ expected: ReferenceValue, _ name: String, _ recorder: Recorder
  ) throws(VerificationError) {
    let interval = MeanInterval(values)
    recorder.record(name + "/n", interval.count, try expected.member("n").integer())
    recorder.record(
      name + "/moments and half widths",
      Difference(
        [
          interval.mean, interval.standardDeviation, interval.normalHalfWidth, interval.studentHalfWidth,
          interval.studentQuantile,
        ],
        [
          try expected.member("mean").number(), try expected.member("sd").number(),
          try expected.member("normal_half_width").number(), try expected.member("t_half_width").number(),
          try expected.member("t_quantile_975").number(),
        ]), tolerance)
    try compareBootstrap(values, try expected.member("bootstrap"), name + "/bootstrap", recorder)
  }

  private static func stratification(
    _ folder: ReferenceFolder, _ expected: ReferenceValue, _ recorder: Recorder
  ) throws(VerificationError) {
    let masks = try folder.json("expected_masks.json").member("masks").elements()
    // Empty masks have neither size nor concavity and fall into no bin.
    var (sizes, concavities): ([Double], [Double?]) = ([], [])
    for mask in masks {
      let hull = mask[optional: "hull"]
      sizes.append(hull == nil ? -1 : try mask.member("relative_size").number())
      concavities.append(try hull?.member("concavity").number())
    }
    let edges = try expected.member("edges").numbers()
    let bins = Stratification.bins(sizes, edges: edges)
    recorder.record(
      "stratified_sample/bins",
      Difference(bins.map { Double($0.count) }, try expected.member("bin_sizes").numbers(bins.count)), .exact)
    let seed = UInt64(try expected.member("seed").integer(in: 0...Int.max))
    let picked = Stratification.sample(sizes, edges: edges, seed: seed).flatMap(\.self)
    let wanted = try expected.member("picked_mask_indices").flatNumbers()
    recorder.record("stratified_sample/count", picked.count, wanted.count)
    recorder.record("stratified_sample/picked", Difference(picked.map(Double.init), wanted), .exact)
    recorder.record(
      "stratified_sample/concavity",
      Difference(
        [picked.compactMap { concavities[$0] }.mean, concavities.compactMap(\.self).mean],
        [
          try expected.member("mean_concavity").number(),
          try expected.member("mean_concavity_unstratified").number(),
        ]), tolerance)
  }
}
