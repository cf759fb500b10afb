import Datasets
import Evaluation
import Files

/// Scores by COCO's or by LVIS's rules, as text and as a document.
enum InstanceScores {
  case coco(COCOScores)
  case lvis(LVISScores)

  /// The numbers by name; nil where nothing of the kind was to be found.
  var summary: [(name: String, value: Double?)] {
    switch self {
    case .coco(let scores): scores.summary.map { ($0.name, $0.value < 0 ? nil : $0.value) }
    case .lvis(let scores): scores.summary
    }
  }

  /// What did not count, and why.
  func notes(truth: String) -> [String] {
    func notCounted(_ count: Int, _ what: String, _ why: String) -> String {
      count == 1 ? "1 \(what) \(why) does not count" : "\(count) \(what)s \(why) do not count"
    }
    func unlisted(_ annotations: Int, _ results: Int) -> [String] {
      let why = "of \(annotations + results == 1 ? "a category" : "categories") that \(truth) does not list"
      return [(annotations, "annotation"), (results, "result")].filter { $0.0 > 0 }.map {
        notCounted($0.0, $0.1, why)
      }
    }
    let nothing =
      summary.allSatisfy { $0.value == nil }
      ? ["\(truth) has no objects that count: there is nothing to find"] : []
    switch self {
    case .coco(let scores):
      return unlisted(scores.ignoredTruth, scores.ignoredResults) + nothing
    case .lvis(let scores):
      var notes = unlisted(scores.ignoredTruth, scores.ignoredResults) + nothing
      if scores.overLimit > 0 {
        switch scores.limit {
        case .perImage(let most):
          notes.append(notCounted(scores.overLimit, "result", "beyond the best \(most) of an image"))
        case .perCategory(let most):
          notes.append(notCounted(scores.overLimit, "result", "beyond the best \(most) of a category"))
        }
      }
      if scores.unjudged > 0 {
        notes.append(
          notCounted(
            scores.unjudged, "result",
            "of categories that their image has not been searched for"))
      }
      return notes
    }
  }

  private static func text(_ value: Double?) -> String { value.map { Decimal.fixed($0, decimals: 3) } ?? "-" }

  /// The numbers on a line.
  func table(named name: String) -> String {
    var table = Table([("", .left)] + summary.map { ($0.name, .right) })
    table.add([name] + summary.map { Self.text($0.value) })
    return table.text
  }

  /// Each category's numbers.
  var categories: [(category: COCOInstances.Category, ap: Double?, ap50: Double?, recall: Double?)] {
    func known(_ value: Double) -> Double? { value < 0 ? nil : value }
    switch self {
    case .coco(let scores):
      return scores.categories.enumerated().map { place, category in
        let own = scores.summary(ofCategory: place)
        return (category, known(own.ap), known(own.ap50), known(own.ar100))
      }
    case .lvis(let scores):
      return scores.categories.enumerated().map { place, category in
        let own = scores.summary(ofCategory: place)
        return (category, own?.ap, own?.ap50, own.map { $0.recalls.reduce(0, +) / Double($0.recalls.count) })
      }
    }
  }

  /// What recall is called: COCO's has a number of results.
  var recallName: String {
    if case .coco = self { "AR100" } else { "AR" }
  }

  /// A line for each category.
  var categoryTable: String {
    var table = Table([("category", .left), ("AP", .right), ("AP50", .right), (recallName, .right)])
    for (category, ap, ap50, recall) in categories {
      table.add(
        category.name.isEmpty ? String(category.id) : category.name, Self.text(ap), Self.text(ap50),
        Self.text(recall))
    }
    return table.text
  }

  /// All numbers; null where there was nothing.
  func document(kind: COCOEvaluation.Kind, isClassAgnostic: Bool) -> JSONText {
    var members: [(key: String, value: JSONText)] = [
      ("kind", .string(kind.rawValue)), ("rules", .string(rules)),
      ("class_agnostic", .bool(isClassAgnostic)),
      ("stats", .object(summary.map { ($0.name, .optional($0.value, JSONText.real)) })),
      (
        "categories",
        .array(
          categories.map { category, ap, ap50, recall in
            var members: [(key: String, value: JSONText)] = [
              ("id", .integer(category.id)), ("name", .string(category.name)),
              ("AP", .optional(ap, JSONText.real)), ("AP50", .optional(ap50, JSONText.real)),
              (recallName, .optional(recall, JSONText.real)),
            ]
            if let frequency = category.frequency {
              members.append(("frequency", .string(frequency.rawValue)))
            }
            return .object(members)
          })
      ),
    ]
    switch self {
    case .coco(let scores):
      members.append(("ignored_annotations", .integer(scores.ignoredTruth)))
      members.append(("ignored_results", .integer(scores.ignoredResults)))
    case .lvis(let scores):
      members.append(("ignored_annotations", .integer(scores.ignoredTruth)))
      members.append(("ignored_results", .integer(scores.ignoredResults)))
      members.append(("over_limit", .integer(scores.overLimit)))
      members.append(("not_searched_for", .integer(scores.unjudged)))
    }
    return .object(members)
  }

  /// Whose rules they are by.
  var rules: String {
    if case .coco = self { DetectionRules.coco.rawValue } else { DetectionRules.lvis.rawValue }
  }
}
