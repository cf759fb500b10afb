package import Files

extension ImagePointResults: KeptResult {
  package init?(journal: JSONValue) {
    guard let name = journal["name"]?.text, let index = journal["index"]?.integer,
      case .array(let values)? = journal["masks"]
    else { return nil }
    var masks: [(annotation: Int, result: PointResult)] = []
    for value in values {
      guard let annotation = value["annotation"]?.integer, let result = PointResult(journal: value) else {
        return nil
      }
      masks.append((annotation, result))
    }
    self.init(name: name, index: index, masks: masks)
  }

  package var journal: JSONText {
    .object([
      ("name", .string(name)), ("index", .integer(index)),
      (
        "masks",
        .array(masks.map { .object([("annotation", .integer($0.annotation))] + $0.result.journalMembers) })
      ),
    ])
  }
}

extension PointResult {
  fileprivate init?(journal: JSONValue) {
    guard let points = journal["points"]?.reals, let predicted = journal["predicted"]?.reals,
      let ious = journal["candidates"]?.reals, predicted.count == ious.count, let box = journal["box"]?.real,
      let area = journal["area"]?.integer, let clicks = journal["clicks"]?.integers, clicks.count % 3 == 0,
      let boxPoints = journal["box_points"]?.reals, let boundaries = journal["boundaries"]?.reals
    else { return nil }
    self.init(
      points: points, candidates: zip(predicted, ious).map { Candidate(predictedIoU: $0, iou: $1) }, box: box,
      clicks: stride(from: 0, to: clicks.count, by: 3).map {
        SimulatedClick(x: clicks[$0], y: clicks[$0 + 1], isForeground: clicks[$0 + 2] == 1)
      }, area: area, boxPoints: boxPoints, boundaries: boundaries, boxBoundary: journal["box_boundary"]?.real)
  }

  fileprivate var journalMembers: [(key: String, value: JSONText)] {
    func list(_ values: [Double]) -> JSONText { .array(values.map(JSONText.real)) }
    return [
      ("area", .integer(area)), ("points", list(points)), ("predicted", list(candidates.map(\.predictedIoU))),
      ("candidates", list(candidates.map(\.iou))), ("box", .real(box)), ("box_points", list(boxPoints)),
      ("boundaries", list(boundaries)), ("box_boundary", .optional(boxBoundary, JSONText.real)),
      (
        "clicks",
        .array(clicks.flatMap { [.integer($0.x), .integer($0.y), .integer($0.isForeground ? 1 : 0)] })
      ),
    ]
  }
}
