internal import Charts
internal import Files

/// The curves of a training, drawn from its log.
struct TrainingCurves {
  private let recipe: Recipe
  private var training: [JSONValue] = []
  private var validation: [(step: Double, values: JSONValue)] = []

  /// - Parameters:
  ///   - recipe: tells where stages begin.
  ///   - lines: of the log; what is not understood is left out.
  init(_ recipe: Recipe, log lines: [String]) {
    self.recipe = recipe
    for line in lines {
      guard let value = try? JSONValue(parsing: line), let step = value["step"]?.real else { continue }
      if let measured = value["validation"] {
        validation.append((step, measured))
      } else if value["loss"] != nil {
        training.append(value)
      }
    }
  }

  /// The picture: loss, IoU in training and on validation data, learning rate; what the log has nothing of is left out.
  var svg: String {
    var loss = chart("Training loss", "running mean", [("loss", "loss")])
    let losses = loss.series.flatMap(\.y).filter { $0 > 0 }
    if let least = losses.min(), let most = losses.max(), most > 5 * least { loss.y.scale = .logarithmic }
    let iou = chart(
      "IoU in training", "running mean", [("first prompt", "iou_first"), ("last round", "iou_last")])
    let rate = chart("Learning rate", "", [("rate", "rate")])
    // Pre-training has no masks, and the first steps of a run no line yet.
    let hasMasks = iou.series.contains { $0.y.contains { $0 > 0 } }
    let isBegun = !training.isEmpty
    return ChartSheet(
      (isBegun ? [loss] : []) + (hasMasks ? [iou] : []) + (validation.isEmpty ? [] : [measured])
        + (isBegun ? [rate] : [])
    ).svg
  }

  private func chart(_ title: String, _ unit: String, _ keys: [(name: String, key: String)]) -> LineChart {
    var chart = LineChart(title, x: ChartAxis("step"), y: ChartAxis(unit))
    chart.series = keys.map { name, key in
      LineChart.Series(
        name,
        points: training.compactMap { line in
          line["step"]?.real.map { ($0, line[key]?.real ?? .nan) }
        })
    }
    chart.marks = stageMarks
    return chart
  }

  private var measured: LineChart {
    var chart = LineChart("IoU on validation data", x: ChartAxis("step"), y: ChartAxis("mean over datasets"))
    let keys = [
      ("one point", "confident"), ("best of three", "oracle"), ("box", "box"), ("3 points", "points_3"),
      ("9 points", "points_9"),
    ]
    chart.series = keys.map { name, key in
      LineChart.Series(
        name, points: validation.map { ($0.step, $0.values[key]?.real ?? .nan) }, marksPoints: true)
    }
    chart.marks = stageMarks
    return chart
  }

  /// Where each stage but the first begins, as far as the training has come.
  private var stageMarks: [LineChart.Mark] {
    var step = 0
    var marks: [LineChart.Mark] = []
    for (index, stage) in recipe.stages.enumerated().dropLast() {
      step += stage.steps
      marks.append(LineChart.Mark(x: Double(step), label: "\(recipe.stages[index + 1].size) px"))
    }
    return marks
  }
}
