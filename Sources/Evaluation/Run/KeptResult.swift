package import Files

/// What is measured of one image, in a form that a ``RunJournal`` keeps: reading back what was written gives the same value.
package protocol KeptResult: Sendable {
  /// Reads what ``journal`` wrote; nil for anything else.
  init?(journal: JSONValue)
  /// The value as JSON; numbers by ``Files/JSONText/real(_:)``, which loses nothing.
  var journal: JSONText { get }
}
