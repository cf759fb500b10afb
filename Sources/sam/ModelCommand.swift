import ArgumentParser

/// `sam model`: what models there are and what is in them.
struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract: "Show models, list the official checkpoints, download and convert them.",
    subcommands: [
      ModelInfoCommand.self, ModelListCommand.self, ModelDownloadCommand.self, ModelConvertCommand.self,
    ])
}
