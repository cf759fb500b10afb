import ArgumentParser
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@main
enum Main {
  static func main() {
    // A reader that goes away is an error to report, not the end of the process in the middle of a file.
    signal(SIGPIPE, SIG_IGN)
    // So is a limit on the size of files.
    signal(SIGXFSZ, SIG_IGN)
    do {
      try checkKernels()
      var command = try SamCommand.parseAsRoot()
      try command.run()
    } catch {
      guard SamCommand.exitCode(for: error) != .success else {
        // Help, version and completion scripts arrive as errors, too.
        SamCommand.exit(withError: error)
      }
      // A command that has said all itself ends with nothing but an exit code.
      if !(error is ExitCode) { Console.note(errorLine(error)) }
      exit(exitCode(for: error).rawValue)
    }
  }

  /// A wrong name in `SAM_KERNELS` would go unnoticed: the fastest kernels would be used.
  private static func checkKernels() throws {
    guard let name = getenv("SAM_KERNELS").map({ String(cString: $0) }),
      !Compute.kernelSets.contains(name)
    else { return }
    throw ValidationError(
      "SAM_KERNELS=\(name): this processor has \(Compute.kernelSets.joined(separator: ", "))")
  }

  /// What the process ends with. Everything mode tells by 1 that nothing was done, a wrong command line included.
  private static func exitCode(for error: any Error) -> ExitCode {
    let code = SamCommand.exitCode(for: error)
    let command = CommandLine.arguments.dropFirst().first
    return code == .validationFailure && command == EverythingCommand.configuration.commandName
      ? .failure : code
  }

  /// One line that says what is wrong, and for a wrong command line where to read on.
  private static func errorLine(_ error: any Error) -> String {
    let message = SamCommand.message(for: error).split(separator: "\n").joined(separator: " ")
    let hint = SamCommand.fullMessage(for: error).split(separator: "\n")
      .last { $0.hasPrefix("  See '") }
      .map { $0.dropFirst("  See '".count).prefix { $0 != "'" } }
    return "sam: " + message + (hint.map { " (see '\($0)')" } ?? "")
  }
}
