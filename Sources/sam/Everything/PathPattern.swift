/// A path with wildcards, as a shell has them: `*` and `?` within a name, `[a-z]` and `[!a-z]` for one character, `**` for any
/// number of folders.
struct PathPattern {
  /// The folder before the first wildcard, without a slash behind it; `.` for none.
  let folder: String
  /// The names below it.
  private let segments: [Substring]

  /// Nil for a path without wildcards.
  init?(_ text: String) {
    guard text.contains(where: { "*?[".contains($0) }) else { return nil }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let first = parts.firstIndex { $0.contains { "*?[".contains($0) } } ?? 0
    let fixed = parts[..<first].joined(separator: "/")
    folder = fixed.isEmpty ? (text.hasPrefix("/") ? "/" : ".") : fixed
    segments = Array(parts[first...])
  }

  /// Whether a path relative to ``folder`` fits.
  func matches(_ path: String) -> Bool {
    Self.matches(path.split(separator: "/")[...], segments[...])
  }

  private static func matches(_ names: ArraySlice<Substring>, _ segments: ArraySlice<Substring>) -> Bool {
    guard let segment = segments.first else { return names.isEmpty }
    let rest = segments.dropFirst()
    if segment == "**" {
      return (0...names.count).contains { matches(names.dropFirst($0), rest) }
    }
    guard let name = names.first, matches(Array(name.unicodeScalars), Array(segment.unicodeScalars)) else {
      return false
    }
    return matches(names.dropFirst(), rest)
  }

  /// One name. After a mismatch the last `*` takes one character more, so the time is bounded by the product of the lengths.
  private static func matches(_ name: [Unicode.Scalar], _ pattern: [Unicode.Scalar]) -> Bool {
    var (i, j) = (0, 0)
    var retry: (name: Int, pattern: Int)?
    while i < name.count {
      if j < pattern.count, pattern[j] == "*" {
        retry = (i, j + 1)
        j += 1
      } else if let next = step(name[i], pattern, j) {
        (i, j) = (i + 1, next)
      } else if let last = retry {
        retry = (last.name + 1, last.pattern)
        (i, j) = (last.name + 1, last.pattern)
      } else {
        return false
      }
    }
    return pattern[j...].allSatisfy { $0 == "*" }
  }

  /// Where the pattern goes on after one character; nil where it does not fit.
  private static func step(_ character: Unicode.Scalar, _ pattern: [Unicode.Scalar], _ start: Int) -> Int? {
    guard start < pattern.count else { return nil }
    if pattern[start] == "?" { return start + 1 }
    // A bracket that is never closed is a character as any other.
    guard pattern[start] == "[", let end = pattern[(start + 1)...].dropFirst().firstIndex(of: "]") else {
      return pattern[start] == character ? start + 1 : nil
    }
    var set = pattern[(start + 1)..<end]
    let isNegated = set.first == "!" || set.first == "^"
    if isNegated { set = set.dropFirst() }
    var isInside = false
    while let low = set.popFirst() {
      if set.first == "-", set.count > 1, let high = set.dropFirst().first {
        set = set.dropFirst(2)
        isInside = isInside || (low <= high && (low...high).contains(character))
      } else {
        isInside = isInside || low == character
      }
    }
    return isInside != isNegated ? end + 1 : nil
  }
}
