internal import Checkpoints
internal import Imaging
internal import Tensors

/// Collects one part's checks. A class, so that a model's observer can write to it.
final class Recorder {
  let part: String
  let progress: (Progress) -> Void
  private(set) var checks: [Check] = []
  private(set) var notCovered: [String] = []
  private var lap = ContinuousClock.now
  private let begin = ContinuousClock.now

  init(part: String, progress: @escaping (Progress) -> Void) {
    self.part = part
    self.progress = progress
  }

  /// Says what is being done, before something that takes long.
  func announce(_ step: String) {
    progress(Progress(part: part, step: step, seconds: (ContinuousClock.now - begin) / .seconds(1)))
  }

  func record(_ name: String, _ difference: Difference, _ limit: Limit, note: String? = nil) {
    append(name, .compared(difference, limit), note)
  }

  func fail(_ name: String, _ reason: String) {
    append(name, .broken(reason), nil)
  }

  func skip(_ name: String) { notCovered.append("\(part)/\(name)") }

  /// Runs a step; where it throws, that is a failed check of the step's name.
  func attempt(_ name: String, _ body: () throws(VerificationError) -> Void) {
    do throws(VerificationError) {
      try body()
    } catch {
      fail(name, error.description)
    }
  }

  /// Records that a whole number equals the reference's, or by how much it differs.
  func record(_ name: String, _ value: Int, _ expected: Int, _ limit: Limit = .exact, note: String? = nil) {
    record(name, Difference(largest: (Double(value) - Double(expected)).magnitude), limit, note: note)
  }

  private func append(_ name: String, _ outcome: Check.Outcome, _ note: String?) {
    let now = ContinuousClock.now
    checks.append(
      Check(part: part, name: name, outcome: outcome, note: note, seconds: (now - lap) / .seconds(1)))
    lap = now
  }
}

/// What a long run is at.
public struct Progress: Sendable {
  /// The part being checked.
  public let part: String
  /// What is being done.
  public let step: String
  /// Since the part began.
  public let seconds: Double
}
