internal import Tensors

/// Compares this build with a folder of reference values, part by part.
///
/// The folder holds a subfolder for each part (`preprocess`, `model`, `stages`, …) and `tolerances.json` with the limits. All
/// sizes, names, cases and limits are read from its files; a file that is damaged or missing is a failed check.
///
/// ```swift
/// let report = try Verifier(folder: "golden").run()
/// print(report.summary)  // verify: 412 checked, 0 failed, 7 not covered
/// ```
public struct Verifier {
  private let folder: ReferenceFolder
  private let only: [String]
  private let progress: (Progress) -> Void

  /// Parts, each in a file of its own under `Parts`.
  private static let parts:
    [(name: String, part: @Sendable (PartContext) throws(VerificationError) -> [PartStep])] = [
      ("preprocess", PreprocessPart.steps),
      ("model", ModelPart.steps),
      ("stages", StagesPart.steps),
      ("tinyvit", TinyViTPart.steps),
      ("nano", NanoPart.steps),
      ("amg", AmgPart.steps),
      ("coco", CocoPart.steps),
      ("train", TrainPart.steps),
      ("fullsize", FullSizePart.steps),
      ("stats", StatsPart.steps),
      ("edges", EdgesPart.steps),
      ("lvis", LvisPart.steps),
    ]

  /// A verifier of a folder, or of some of its parts.
  ///
  /// - Parameters:
  ///   - folder: laid out as described above.
  ///   - only: parts (`stages`) or parts of parts (`fullsize/vit_b`) to check; all where empty.
  ///   - progress: told what is being done, for runs that take minutes.
  public init(folder: String, only: [String] = [], progress: @escaping (Progress) -> Void = { _ in }) {
    self.folder = ReferenceFolder(
      path: folder.hasSuffix("/") && folder.count > 1 ? String(folder.dropLast()) : folder)
    self.only = only
    self.progress = progress
  }

  /// Makes all checks.
  ///
  /// - Throws: ``VerifierError`` where there is no such folder, or none of the parts asked for in it.
  public func run() throws(VerifierError) -> Report {
    guard let names = folder.folders() else { throw .noFolder(path: folder.path) }
    for asked in only where !names.contains(String(asked.prefix { $0 != "/" })) {
      throw .noPart(path: folder.path, part: asked, available: names.filter { !Verifier.isIgnored($0) })
    }
    var report = Report()
    let recorder = Recorder(part: "folder", progress: progress)
    let tolerances: Tolerances
    do throws(VerificationError) {
      tolerances = try Tolerances(folder)
    } catch {
      recorder.fail("tolerances.json", error.description)
      report.checks = recorder.checks
      return report
    }
    for (name, part) in Verifier.parts where names.contains(name) && isAsked(name) {
      try run(name, part, tolerances, into: &report)
    }
    let known = Set(Verifier.parts.map(\.name))
    report.notCovered += names.filter { !known.contains($0) && !Verifier.isIgnored($0) && isAsked($0) }
    return report
  }

  private func run(
    _ name: String, _ part: (PartContext) throws(VerificationError) -> [PartStep], _ tolerances: Tolerances,
    into report: inout Report
  ) throws(VerifierError) {
    let context = PartContext(root: folder, folder: folder.folder(name), tolerances: tolerances)
    var steps: [PartStep] = []
    let recorder = Recorder(part: name, progress: progress)
    recorder.attempt("files") { () throws(VerificationError) in steps = try part(context) }
    report.checks += recorder.checks
    for asked in only where asked.hasPrefix(name + "/") && recorder.checks.isEmpty {
      guard steps.contains(where: { "\(name)/\($0.name ?? "")" == asked }) else {
        throw .noPart(path: folder.path, part: asked, available: steps.map { "\(name)/\($0.name ?? "")" })
      }
    }
    for step in steps {
      let full = step.name.map { "\(name)/\($0)" } ?? name
      guard only.isEmpty || only.contains(name) || only.contains(full) else { continue }
      let recorder = Recorder(part: full, progress: progress)
      recorder.attempt(step.name ?? name) { () throws(VerificationError) in try step.run(recorder) }
      report.checks += recorder.checks
      report.notCovered += recorder.notCovered
      Compute.shared.releaseMemory()
    }
  }

  private func isAsked(_ name: String) -> Bool {
    only.isEmpty || only.contains { $0 == name || $0.hasPrefix(name + "/") }
  }

  /// Photos are input of parts, not a part.
  private static func isIgnored(_ name: String) -> Bool { name == "photos" }
}

/// What a part's checks work with.
struct PartContext {
  /// The whole folder.
  let root: ReferenceFolder
  /// The part's own.
  let folder: ReferenceFolder
  let tolerances: Tolerances
}

/// What can be checked by itself: a part, or one of several (`fullsize/vit_b`).
struct PartStep {
  /// Nil where the part has but one step.
  var name: String?
  var run: (Recorder) throws(VerificationError) -> Void

  init(_ name: String? = nil, _ run: @escaping (Recorder) throws(VerificationError) -> Void) {
    self.name = name
    self.run = run
  }
}

/// Why a folder cannot be verified at all.
public enum VerifierError: Error, Sendable, Equatable {
  /// There is no such folder.
  case noFolder(path: String)
  /// The folder does not have the part asked for.
  case noPart(path: String, part: String, available: [String])
}

extension VerifierError: CustomStringConvertible {
  /// One line that names the folder.
  public var description: String {
    switch self {
    case .noFolder(let path):
      "\(path): not a folder that can be read"
    case .noPart(let path, let part, let available):
      "\(path): no part \(part); there is \(available.isEmpty ? "none" : available.joined(separator: ", "))"
    }
  }
}
