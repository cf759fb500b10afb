internal import Datasets
internal import Evaluation

extension CocoPart {
  /// Average precision and recall of results files against `gt.json`.
  static func scores(_ context: PartContext, _ recorder: Recorder) throws(VerificationError) {
    guard context.folder.has("eval.json") else { return }
    let limit = try context.tolerances.limit("coco.statistics")
    let expected = try context.folder.json("eval.json")
    let runs: [(name: String, results: String, kind: COCOEvaluation.Kind, byCategory: Bool)] = [
      ("segm", "dets.json", .masks, true), ("bbox", "dets_bbox.json", .boxes, true),
      ("segm_class_agnostic", "dets.json", .masks, false),
      ("bbox_of_segm_results_file", "dets.json", .boxes, true),
    ]
    for run in runs {
      guard let wanted = expected[optional: run.name] else { continue }
      recorder.attempt("eval/" + run.name) { () throws(VerificationError) in
        let scores = try scores(
          context.folder, results: run.results, kind: run.kind, byCategory: run.byCategory)
        try compare(scores, wanted, "eval/" + run.name, recorder, limit)
      }
    }
    for (name, _) in try expected.members()
    where name != "stat_names" && !runs.contains(where: { $0.name == name }) {
      recorder.skip("eval/" + name)
    }
  }

  private static func scores(
    _ folder: ReferenceFolder, results: String, kind: COCOEvaluation.Kind, byCategory: Bool
  ) throws(VerificationError) -> COCOScores {
    do throws(DatasetError) {
      let truth = try COCOInstances(annotations: folder.file("gt.json"), masks: kind == .masks)
      let results = try truth.results(contentsOfFile: folder.file(results), masks: kind == .masks)
      return COCOEvaluation(truth: truth, results: results, kind: kind, byCategory: byCategory).scores
    } catch {
      throw .dataset(error)
    }
  }

  private static func compare(
    _ scores: COCOScores, _ expected: ReferenceValue, _ name: String, _ recorder: Recorder, _ limit: Limit
  ) throws(VerificationError) {
    let statistics = try expected.member("stats").numbers(COCOScores.names.count)
    recorder.record(name + "/stats", Difference(scores.summary.map(\.value), statistics), limit)
    for (key, value) in try expected[optional: "per_category_AP"]?.members() ?? [] {
      guard let place = scores.categories.firstIndex(where: { String($0.id) == key }) else {
        throw value.unexpected("a category of gt.json")
      }
      let own = scores.summary(ofCategory: place)
      recorder.record(
        "\(name)/category \(key)",
        Difference(
          [own.ap, own.ap50, own.ar100],
          [
            try value.member("AP").number(), try value.member("AP50").number(),
            try value.member("AR100").number(),
          ]), limit)
    }
    if let curve = try expected[optional: "precision_iou0.5_cat1_all_100"]?.numbers(
      COCOEvaluation.recalls.count)
    {
      recorder.record(
        name + "/precision", Difference(scores.precisions(ofCategory: 0, threshold: 0) ?? [], curve), limit)
    }
  }
}
