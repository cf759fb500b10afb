internal import Files

extension Report {
  /// The report as one JSON object: `folder`, `checks`, `not_covered` and the three counts.
  ///
  /// A difference that is not a number is `null`, and so is a limit that is not set.
  public func json(folder: String) -> String {
    let checks = checks.map { "    " + $0.json }.joined(separator: ",\n")
    let notCovered = notCovered.map(JSONValue.quoted).joined(separator: ", ")
    return """
      {
        "folder": \(JSONValue.quoted(folder)),
        "checks": [
      \(checks)
        ],
        "not_covered": [\(notCovered)],
        "checked": \(self.checks.count),
        "failed": \(failures.count),
        "not_covered_count": \(self.notCovered.count)
      }
      """
  }
}

extension Check {
  fileprivate var json: String {
    var members = [
      ("part", JSONValue.quoted(part)), ("name", JSONValue.quoted(name)),
      ("passed", passed ? "true" : "false"),
    ]
    switch outcome {
    case .compared(let difference, .bounds(let absolute, let relative)):
      members += [
        ("largest_absolute", number(difference.largest)), ("relative_l2", number(difference.relative)),
      ]
      members += [("limit", "{\"abs\": \(number(absolute)), \"rel_l2\": \(number(relative))}")]
    case .compared(let difference, .pixels(let count, let fraction)):
      members += [
        ("differing_pixels", number(difference.largest)), ("fraction", number(difference.relative)),
      ]
      members += [("limit", "{\"differing_pixels\": \(count), \"or_fraction\": \(number(fraction))}")]
    case .broken(let reason):
      members.append(("error", JSONValue.quoted(reason)))
    }
    if let note { members.append(("note", JSONValue.quoted(note))) }
    members.append(("seconds", number((seconds * 1e4).rounded() / 1e4)))
    return "{" + members.map { "\(JSONValue.quoted($0.0)): \($0.1)" }.joined(separator: ", ") + "}"
  }
}

private func number(_ value: Double?) -> String {
  guard let value, value.isFinite else { return "null" }
  return value == value.rounded() && value.magnitude < 1e15 ? String(Int(value)) : "\(value)"
}
