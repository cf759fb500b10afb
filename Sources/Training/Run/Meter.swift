internal import Evaluation
internal import Files

/// Running means of a training's numbers, its speed, and how long it will still take.
struct Meter {
  private let stages: [Recipe.Stage]
  private var loss = Mean(), firstIoU = Mean(), lastIoU = Mean()
  private let now: () -> ContinuousClock.Instant
  private var lap: ContinuousClock.Instant
  /// Seconds for a pixel of a batch, of late; the same at all stages, more or less.
  private var pace = 0.0
  /// The stage that is being measured, and its steps so far.
  private var stage = -1, measured = 0

  /// A mean over the last fifty values or so, of those that are numbers.
  private struct Mean {
    private var sum = 0.0, weight = 0.0

    mutating func add(_ value: Double) {
      guard value.isFinite else { return }
      sum = 0.98 * sum + 0.02 * value
      weight = 0.98 * weight + 0.02
    }

    var value: Double { sum / weight }
  }

  /// - Parameters:
  ///   - stages: of the recipe: how large the steps to come are.
  ///   - now: the time.
  init(_ stages: [Recipe.Stage], now: @escaping () -> ContinuousClock.Instant = { .now }) {
    self.stages = stages
    self.now = now
    lap = now()
  }

  /// Takes in a step.
  ///
  /// - Parameters:
  ///   - outcome: what it came to.
  ///   - step: steps made in all, with this one.
  ///   - stage: its stage, from 0.
  ///   - place: its place there, from 0.
  ///   - rate: the learning rate.
  mutating func add(
    _ outcome: TrainingStep.Outcome, step: Int, of stage: Int, place: Int, rate: Double
  ) -> Trainer.Progress {
    let time = now()
    measure((time - lap) / .seconds(1), stage)
    lap = time
    if outcome.isApplied {
      loss.add(outcome.objective.loss)
      firstIoU.add(outcome.objective.firstIoU)
      lastIoU.add(outcome.objective.lastIoU)
    }
    let left = stages[(stage + 1)...].reduce(Double(stages[stage].steps - place - 1) * pixels(stage)) {
      $0 + Double($1.steps) * Meter.pixels($1)
    }
    return Trainer.Progress(
      step: step, steps: stages.reduce(0) { $0 + $1.steps }, stage: stage + 1, stages: stages.count,
      loss: loss.value, firstIoU: firstIoU.value, lastIoU: lastIoU.value, rate: rate,
      speed: Double(stages[stage].batch) / max(1e-9, pace * pixels(stage)), left: left * pace)
  }

  private mutating func measure(_ seconds: Double, _ stage: Int) {
    if stage != self.stage { (self.stage, measured) = (stage, 0) }
    measured += 1
    let new = seconds / pixels(stage)
    // The first step of a stage pays for what later ones find ready, and is soon forgotten. A process that was stopped for an hour has not
    // become slow for good: no step counts for more than a few.
    pace += (measured > 5 ? min(new, 4 * pace) - pace : new - pace) * max(0.05, 1 / Double(measured))
  }

  private func pixels(_ stage: Int) -> Double { Meter.pixels(stages[stage]) }

  /// Of a step's batch.
  private static func pixels(_ stage: Recipe.Stage) -> Double {
    Double(stage.batch) * Double(stage.size) * Double(stage.size)
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
  mutating func restart() { lap = now() }

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
