internal import Checkpoints
internal import Files

/// The limits of a reference folder, its `tolerances.json`.
struct Tolerances {
  let root: ReferenceValue

  init(_ folder: ReferenceFolder) throws(VerificationError) {
    root = try folder.json("tolerances.json")
    _ = try root.members()
  }

  /// The limit under the first of some paths that is there: `"stages.input"`.
  ///
  /// - Throws: where none is there, or it is no limit.
  func limit(_ paths: String...) throws(VerificationError) -> Limit {
    for path in paths {
      if let limit = try limit(at: path) { return limit }
    }
    throw .missing(path: root.path, what: "a limit for \(paths.last ?? "")")
  }

  /// The limit under the first of some paths that is there, or equality.
  func limitOrExact(_ paths: String...) throws(VerificationError) -> Limit {
    for path in paths {
      if let limit = try limit(at: path) { return limit }
    }
    return .exact
  }

  private func limit(at path: String) throws(VerificationError) -> Limit? {
    var value = root
    for name in path.split(separator: ".") {
      guard let member = value[optional: String(name)] else { return nil }
      value = member
    }
    if case .number(let bound) = value.value { return .bounds(absolute: bound, relative: nil) }
    guard case .object = value.value else { throw value.unexpected("a limit") }
    let absolute = try value[optional: "abs"]?.number()
    let relative = try value[optional: "rel_l2"]?.number()
    if absolute != nil || relative != nil { return .bounds(absolute: absolute, relative: relative) }
    let pixels = try value[optional: "differing_pixels"]?.integer()
    let fraction = try value[optional: "or_fraction"]?.number()
    if pixels != nil || fraction != nil { return .pixels(pixels ?? 0, orFraction: fraction ?? 0) }
    return nil
  }
}
