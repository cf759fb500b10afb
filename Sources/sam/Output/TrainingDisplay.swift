import Files
import Synchronization
import Training

/// What a training tells the user, on standard error: a line that is rewritten on a terminal, else a line now and then.
final class TrainingDisplay: Sendable {
  private struct State {
    var shown: ContinuousClock.Instant?
    var isVisible = false
  }
  private let state = Mutex(State())

  func show(_ event: Trainer.Event) {
    switch event {
    case .started(let step, let steps, let parameters):
      Console.note(
        "\(step == 0 ? "training" : "resuming at step \(step) of") \(steps) steps, "
          + "\(Decimal.fixed(Double(parameters) / 1e6, decimals: 2)) M parameters")
    case .step(let progress): show(progress)
    case .skipped(let problem):
      clear()
      Console.note("skipped: \(problem)")
    case .passedOver(let step):
      clear()
      Console.note("step \(step): the gradient is not a number; passed over")
    case .measured(let step, let confident, let oracle, let box, let ninePoints):
      func iou(_ value: Double) -> String { Decimal.fixed(value, decimals: 3) }
      clear()
      Console.note(
        "step \(step): one point \(iou(confident)), best of three \(iou(oracle)), box \(iou(box)), "
          + "nine points \(iou(ninePoints))")
    case .saved: break
    }
  }

  private func show(_ progress: Trainer.Progress) {
    let now = ContinuousClock.now
    let pause: Duration = Console.isInteractive ? .milliseconds(200) : .seconds(30)
    let isDue = state.withLock { state in
      if let shown = state.shown, now - shown < pause, progress.step != progress.steps { return false }
      state.shown = now
      state.isVisible = Console.isInteractive
      return true
    }
    guard isDue else { return }
    let text = Self.text(progress)
    if Console.isInteractive { Console.note("\r\u{1B}[K" + text, terminator: "") } else { Console.note(text) }
  }

  /// The line: how far, loss and IoU, how fast, how long still.
  static func text(_ progress: Trainer.Progress) -> String {
    func fixed(_ value: Double, _ decimals: Int) -> String { Decimal.fixed(value, decimals: decimals) }
    let isKnown = progress.firstIoU.isFinite && progress.lastIoU.isFinite
    let iou = isKnown ? "IoU \(fixed(progress.firstIoU, 3)) > \(fixed(progress.lastIoU, 3))  " : ""
    return "step \(progress.step)/\(progress.steps) (stage \(progress.stage)/\(progress.stages))  "
      + "loss \(fixed(progress.loss, 4))  \(iou)"
      + "\(fixed(progress.speed, 1)) images/s  \(duration(progress.left)) left"
  }

  /// Hours, minutes and seconds.
  static func duration(_ seconds: Double) -> String {
    let whole = Int(min(max(seconds, 0), 3_599_999).rounded())
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
  }

  func clear() {
    if state.withLock({ $0.isVisible }) { Console.note("\r\u{1B}[K", terminator: "") }
  }

  func finish(isDone: Bool, folder: String) {
    if state.withLock({ $0.isVisible }) { Console.note("") }
    Console.note(isDone ? "done: \(folder)/model.safetensors" : "stopped; the same command goes on")
  }
}
