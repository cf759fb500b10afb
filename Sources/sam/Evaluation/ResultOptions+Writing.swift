import Files
import Reports
import SegmentAnything

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension ResultOptions {
  /// Writes what was asked for; what nobody asked for is not made.
  ///
  /// - Parameters:
  ///   - makeJSON: a document with a line feed at its end.
  ///   - makeReport: the page.
  func write(json makeJSON: () throws -> String, report makeReport: () throws -> Report) throws {
    if let json { try AtomicFile.write(Array(makeJSON().utf8), to: json) }
    if let report { try makeReport().write(to: report) }
  }
}

extension Provenance {
  /// This process's command line and the present day.
  static func ofThisRun(
    model: SAM? = nil, settings: [(name: String, value: String)] = [], notes: [String] = []
  ) -> Provenance {
    Provenance(
      command: (["sam"] + CommandLine.arguments.dropFirst().map(quoted)).joined(separator: " "),
      date: Date.now.formatted(.iso8601.year().month().day()),
      model: model.map { model in
        "\(model.info.name), \(Decimal.fixed(Double(model.info.parameterCount) / 1e6, decimals: 1)) M parameters, "
          + "input \(model.configuration.imageSize) px, fingerprint \(model.info.fingerprint.description.prefix(12))"
      }, settings: settings, notes: notes)
  }

  /// An argument as a shell wants it.
  private static func quoted(_ argument: String) -> String {
    let isPlain =
      !argument.isEmpty
      && argument.unicodeScalars.allSatisfy {
        $0.properties.isAlphabetic || $0.properties.numericType != nil
          || "-_./:,=+@%".unicodeScalars.contains($0)
      }
    return isPlain
      ? argument
      : "'" + argument.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
        + "'"
  }
}
