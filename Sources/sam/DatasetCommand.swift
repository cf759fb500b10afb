import ArgumentParser

/// `sam dataset`: what is in a dataset, and whether it is sound.
struct DatasetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dataset",
    abstract: "Look into datasets: statistics, damage, random samples, cards.",
    subcommands: [
      DatasetStatsCommand.self, DatasetValidateCommand.self, DatasetSampleCommand.self,
      DatasetCardCommand.self,
    ])
}
