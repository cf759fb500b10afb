internal import Datasets
internal import Evaluation
internal import Imaging

/// `lvis`: average precision by LVIS's rules, average recall of proposals in both matchings, and COCO's numbers of the same data.
enum LvisPart {
  static func steps(_ context: PartContext) throws(VerificationError) -> [PartStep] {
    [
      PartStep { (recorder) throws(VerificationError) in
        let check = try LvisCheck(context.folder, recorder)
        try check.precision()
        try check.recall()
        try check.coco()
      }
    ]
  }
}

private struct LvisCheck {
  let folder: ReferenceFolder
  let recorder: Recorder
  let truth: COCOInstances
  let results: [COCOInstance]
  /// What the folder's description allows.
  let limit = Limit.bounds(absolute: 1e-9, relative: nil)

  init(_ folder: ReferenceFolder, _ recorder: Recorder) throws(VerificationError) {
    (self.folder, self.recorder) = (folder, recorder)
    do throws(DatasetError) {
      truth = try COCOInstances(annotations: folder.file("gt.json"), masks: true)
      results = try truth.results(contentsOfFile: folder.file("detections.json"), masks: true)
    } catch {
      throw .dataset(error)
    }
  }

  // MARK: - LVIS

  func precision() throws(VerificationError) {
    guard folder.has("expected_lvis.json") else { return }
    let runs: [(name: String, kind: COCOEvaluation.Kind, limit: LVISEvaluation.Limit)] = [
      ("default_300_per_image", .masks, .perImage(300)), ("limit_1000", .masks, .perImage(1000)),
      ("limit_8_per_image", .masks, .perImage(8)),
      ("fixed_AP_10000_per_category", .masks, .perCategory(10_000)),
      ("fixed_AP_4_per_category", .masks, .perCategory(4)),
      ("bbox_300_per_image", .boxes, .perImage(300)),
      ("segm_300_but_results_carry_bbox", .masks, .perImage(300)),
    ]
    let expected = try folder.json("expected_lvis.json")
    for (name, value) in try expected.members() {
      guard let run = runs.first(where: { $0.name == name }) else {
        recorder.skip("lvis/" + name)
        continue
      }
      recorder.attempt("lvis/" + name) { () throws(VerificationError) in
        var results = results
        if run.kind == .boxes || name == "segm_300_but_results_carry_bbox" {
          // Results that carry boxes count by the boxes' areas, masks or not.
          for index in results.indices { results[index].area = results[index].box.area }
        }
        try compare(
          LVISEvaluation(truth: truth, results: results, kind: run.kind, limit: run.limit).scores, value,
          "lvis/" + name)
      }
    }
  }

  private func compare(
    _ scores: LVISScores, _ expected: ReferenceValue, _ name: String
  ) throws(VerificationError) {
    var values: [Double] = []
    var wanted: [Double] = []
    // The reference names recalls by the limit: AR@300.
    let members = try expected.member("summary").members()
    for (own, value) in scores.summary {
      guard let member = members.first(where: { $0.name.prefix { $0 != "@" } == own }) else {
        // Null members are not listed.
        if value != nil { throw expected.unexpected("an object with a number of \(own)") }
        continue
      }
      values.append(value ?? -1)
      wanted.append(try member.value.number())
    }
    recorder.record(name + "/summary", Difference(values, wanted), limit)
    for (key, value) in try expected.member("per_category").members() {
      guard let place = scores.categories.firstIndex(where: { String($0.id) == key }) else {
        throw value.unexpected("a category of gt.json")
      }
      let own = scores.summary(ofCategory: place)
      let recalls = own?.recalls ?? [Double](repeating: -1, count: COCOEvaluation.thresholds.count)
      let sizes = own?.apBySize ?? [nil, nil, nil]
      recorder.record(
        "\(name)/category \(key)",
        Difference(
          [own?.ap ?? -1, own?.ap50 ?? -1, own?.ap75 ?? -1] + sizes.map { $0 ?? -1 } + recalls,
          [
            try number(value, "AP"), try number(value, "AP50"), try number(value, "AP75"),
            try number(value, "APs"), try number(value, "APm"), try number(value, "APl"),
          ] + (try value.member("recall_per_iou").numbers(recalls.count).map { $0.isNaN ? -1 : $0 })), limit)
    }
  }

  /// A number; -1 where it is null, on either side.
  private func number(_ value: ReferenceValue, _ name: String) throws(VerificationError) -> Double {
    try value[optional: name]?.number() ?? -1
  }

  // MARK: - Proposals

  func recall() throws(VerificationError) {
    guard folder.has("expected_ar.json") else { return }
    let proposals: [COCOInstance]
    do throws(DatasetError) {
      proposals = try truth.results(contentsOfFile: folder.file("proposals.json"), masks: true)
    } catch {
      throw .dataset(error)
    }
    let matchings: [(key: String, matching: ProposalRecall.Matching)] = [
      ("score_order_greedy", .scoreOrder), ("best_iou_greedy", .bestIoU),
    ]
    for (name, value) in try folder.json("expected_ar.json").members() {
      let parts = name.split(separator: "@")
      let frequency = parts.first.flatMap { COCOInstances.Frequency(rawValue: String($0)) }
      guard parts.count == 2, let count = Int(parts[1]), count > 0, frequency != nil || parts[0] == "all"
      else {
        recorder.skip("recall/" + name)
        continue
      }
      for (key, matching) in matchings {
        guard let expected = value[optional: key] else { continue }
        let own = ProposalRecall(
          truth: truth, proposals: proposals, limit: count, matching: matching, frequency: frequency)
        recorder.attempt("recall/\(name)/\(key)") { () throws(VerificationError) in
          try compare(own, expected, "recall/\(name)/\(key)")
        }
      }
    }
  }

  private func compare(
    _ own: ProposalRecall, _ expected: ReferenceValue, _ name: String
  ) throws(VerificationError) {
    for (area, recall) in zip(COCOEvaluation.areas, own.bySize) {
      guard let value = expected[optional: area.name], let wanted = value[optional: "AR"] else {
        if recall.average != nil { throw expected.unexpected("an object with recalls of \(area.name)") }
        continue
      }
      var difference = Difference(
        [recall.average ?? .nan] + (recall.recalls ?? []),
        [try wanted.number()]
          + (try value.member("recall_per_iou").numbers(COCOEvaluation.thresholds.count)))
      if let objects = try value[optional: "num_gt"]?.integer(), objects != recall.objects {
        difference = Difference(largest: .infinity)
      }
      recorder.record("\(name)/\(area.name)", difference, limit)
    }
  }

  // MARK: - COCO

  func coco() throws(VerificationError) {
    guard folder.has("expected_coco.json") else { return }
    let crowds: Set<Int> = [5, 9, 17]
    let withCrowds = COCOInstances(
      pictures: truth.pictures, categories: truth.categories,
      instances: truth.instances.map { object in
        var object = object
        object.isCrowd = crowds.contains(object.id)
        return object
      })
    let runs: [(name: String, truth: COCOInstances, kind: COCOEvaluation.Kind)] = [
      ("segm", truth, .masks), ("bbox", truth, .boxes), ("segm_crowd_ids_5_9_17", withCrowds, .masks),
    ]
    for (name, value) in try folder.json("expected_coco.json").members() {
      guard let run = runs.first(where: { $0.name == name }) else {
        recorder.skip("coco/" + name)
        continue
      }
      let scores = COCOEvaluation(truth: run.truth, results: results, kind: run.kind).scores
      var wanted: [Double] = []
      for own in scores.summary {
        // The reference has capital letters for sizes.
        let key = own.name.prefix { $0 != "s" && $0 != "m" && $0 != "l" }
        let size = own.name.dropFirst(key.count).uppercased()
        wanted.append(try value.member(key + size).number())
      }
      recorder.record("coco/" + name, Difference(scores.summary.map(\.value), wanted), limit)
    }
  }
}
