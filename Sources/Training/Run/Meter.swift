internal import Evaluation
internal import Files

/// Running means of a training's numbers, and its speed.
struct Meter {
  private let steps: Int
  private let begin = ContinuousClock.now
  private let first: Int
  private var images = 0
  private var loss = 0.0, firstIoU = 0.0, lastIoU = 0.0
  private var weight = 0.0
  /// Images a second of late, and of that the seconds that a step takes.
  private var lap = ContinuousClock.now
  private var speed = 0.0, seconds = 0.0

  init(steps: Int, first: Int) {
    self.steps = steps
    self.first = first
  }

  mutating func add(
    _ outcome: TrainingStep.Outcome, step: Int, stage: Int, stages: Int, rate: Double, images: Int
  ) -> Trainer.Progress {
    let now = ContinuousClock.now
    let taken = max(1e-9, (now - lap) / .seconds(1))
    lap = now
    // The first step of all pays for what later ones find ready.
    let share = seconds == 0 ? 1 : 0.05
    seconds += (taken - seconds) * share
    speed += (Double(images) / taken - speed) * share
    weight = weight * 0.98 + 0.02
    func mean(_ old: inout Double, _ new: Double) { old = old * 0.98 + new * 0.02 }
    mean(&loss, outcome.objective.loss)
    mean(&firstIoU, outcome.objective.firstIoU)
    mean(&lastIoU, outcome.objective.lastIoU)
    return Trainer.Progress(
      step: step, steps: steps, stage: stage, stages: stages, loss: loss / weight,
      firstIoU: firstIoU / weight,
      lastIoU: lastIoU / weight, rate: rate, speed: speed, left: Double(steps - step) * seconds)
  }

  /// A line of the log.
  func line(_ progress: Trainer.Progress, gradient: Double) -> String {
    JSONText.object([
      ("step", .integer(progress.step)), ("stage", .integer(progress.stage)),
      ("loss", .number(progress.loss, decimals: 6)), ("iou_first", .number(progress.firstIoU, decimals: 5)),
      ("iou_last", .number(progress.lastIoU, decimals: 5)), ("rate", .real(progress.rate)),
      ("gradient", .number(gradient, decimals: 6)),
      ("images_per_second", .number(progress.speed, decimals: 1)),
    ]).line
  }

  /// Leaves out the time since the last step, which went elsewhere.
  mutating func restart() { lap = .now }

  /// A line of the log for measurements on other data.
  func line(_ summary: PointSummary, step: Int) -> String {
    func iou(_ value: Double?) -> JSONText { .number(value ?? .nan, decimals: 5) }
    return JSONText.object([
      ("step", .integer(step)),
      (
        "validation",
        .object([
          ("images", .integer(summary.images)), ("masks", .integer(summary.masks)),
          ("confident", iou(summary.points(1))), ("oracle", iou(summary.oracle)), ("box", iou(summary.box)),
          ("points_3", iou(summary.points(3))), ("points_5", iou(summary.points(5))),
          ("points_9", iou(summary.points(9))), ("iou_correlation", iou(summary.iouCorrelation)),
        ])
      ),
    ]).line
  }
}
