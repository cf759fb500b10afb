import Foundation
import TestSupport

/// The built command line, run as a user runs it.
enum Sam {
  /// How a run ended.
  struct Outcome {
    var status: Int32
    var output: Data
    var errors: String

    /// Standard output as text.
    var text: String { String(decoding: output, as: UTF8.self) }
    /// Standard error without the line that says which model is used.
    var messages: [String] {
      errors.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("no --checkpoint: ") }
    }

    /// Standard output as JSON objects, one on each line.
    func objects() throws -> [[String: Any]] {
      try text.split(separator: "\n").map { line in
        guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
          throw NotAnObject(line: String(line))
        }
        return object
      }
    }
  }

  struct NotAnObject: Error {
    var line: String
  }

  /// Runs `sam` in a folder.
  ///
  /// - Parameters:
  ///   - input: what comes on standard input.
  ///   - environment: added to the test's own.
  ///   - output: where standard output goes instead of into the result.
  static func run(
    _ arguments: [String], in folder: TemporaryDirectory? = nil, input: Data = Data(),
    environment: [String: String] = [:], output: FileHandle? = nil
  ) throws -> Outcome {
    try start(executable, arguments, in: folder, input: input, environment: environment, output: output)
  }

  /// Runs `sam`, and sends it a signal as soon as a file has so many bytes.
  static func run(
    _ arguments: [String], in folder: TemporaryDirectory, signal: Int32, whenWritten file: String, bytes: Int
  ) throws -> Outcome {
    try start(executable, arguments, in: folder, input: Data(), environment: [:], output: nil) { process in
      while process.isRunning {
        let size = try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int
        if (size ?? 0) >= bytes {
          kill(process.processIdentifier, signal)
          return
        }
        usleep(2000)
      }
    }
  }

  /// Runs one of the programs in `examples`, which are built beside `sam`.
  static func example(
    _ name: String, _ arguments: [String], in folder: TemporaryDirectory
  ) throws -> Outcome {
    let program = URL(filePath: executable).deletingLastPathComponent().appending(path: name).path
    return try start(program, arguments, in: folder, input: Data(), environment: [:], output: nil)
  }

  /// Runs a line as a shell does, with `sam` on its path and without a network.
  static func shell(_ line: String, in folder: TemporaryDirectory) throws -> Outcome {
    let path = URL(filePath: executable).deletingLastPathComponent().path
    return try start(
      "/bin/sh", ["-c", line], in: folder, input: Data(),
      environment: [
        "PATH": path + ":/usr/bin:/bin", "SAM_CACHE": folder.file("cache"),
        "SAM_MIRROR": "http://127.0.0.1:9",
        "no_proxy": "*",
      ], output: nil)
  }

  private static func start(
    _ executable: String, _ arguments: [String], in folder: TemporaryDirectory?, input: Data,
    environment: [String: String], output: FileHandle?, meanwhile: (Process) -> Void = { _ in }
  ) throws -> Outcome {
    let files = try TemporaryDirectory()
    for name in ["in", "out", "err"] {
      try (name == "in" ? input : Data()).write(to: URL(filePath: files.file(name)))
    }
    let process = Process()
    process.executableURL = URL(filePath: executable)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder?.path ?? files.path)
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle(forReadingAtPath: files.file("in"))
    process.standardOutput = output ?? FileHandle(forWritingAtPath: files.file("out"))
    process.standardError = FileHandle(forWritingAtPath: files.file("err"))
    try process.run()
    meanwhile(process)
    process.waitUntilExit()
    return Outcome(
      status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
      output: try Data(contentsOf: URL(filePath: files.file("out"))),
      errors: String(decoding: try Data(contentsOf: URL(filePath: files.file("err"))), as: UTF8.self))
  }

  /// A photo of the examples.
  static func photo(_ name: String) -> String { root + "/examples/photos/" + name }

  /// What the kernels are called that every processor of this kind can run.
  #if arch(arm64)
    static let plainKernels = "neon"
  #else
    static let plainKernels = "plain"
  #endif

  /// The package's folder.
  static let root: String = {
    var components = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    components.removeLast(3)
    return components.joined(separator: "/")
  }()

  /// The program lies beside the test bundle.
  private static let executable: String = {
    let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? Bundle.main.executablePath ?? ""
    var folder = URL(filePath: bundle)
    while folder.path.contains(".xctest") { folder.deleteLastPathComponent() }
    return folder.appending(path: "sam").path
  }()
}
