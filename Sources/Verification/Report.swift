/// One comparison of this build with a reference value, or a reason why it could not be made.
public struct Check: Sendable {
  /// The part it belongs to: `stages`, `fullsize/vit_b`, …
  public let part: String
  /// What was compared: a stage, a tensor, a file.
  public let name: String
  /// What came of it.
  public let outcome: Outcome
  /// Something worth knowing about how it was compared.
  public let note: String?
  /// What it took since the check before, computing the values included.
  public let seconds: Double

  /// What came of a check.
  public enum Outcome: Sendable {
    /// Values were compared.
    case compared(Difference, Limit)
    /// There was nothing to compare: a file of the folder is missing or damaged, or the build refused it.
    case broken(String)
  }

  /// Whether the difference keeps to its limit.
  public var passed: Bool {
    guard case .compared(let difference, let limit) = outcome else { return false }
    return limit.allows(difference)
  }
}

/// What ``Verifier`` found.
public struct Report: Sendable {
  /// All checks in the order they were made.
  public internal(set) var checks: [Check] = []
  /// Parts of the folder, or single tensors (`stages/NAME`), that this build does not know how to check.
  public internal(set) var notCovered: [String] = []

  /// The checks that failed.
  public var failures: [Check] { checks.filter { !$0.passed } }

  /// `verify: N checked, M failed, K not covered`.
  public var summary: String {
    "verify: \(checks.count) checked, \(failures.count) failed, \(notCovered.count) not covered"
  }
}
