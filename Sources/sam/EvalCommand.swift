import ArgumentParser

/// `sam eval`: the paper's experiments as measures of a model.
struct EvalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "Measure a model on datasets with masks, as the paper does.",
    subcommands: [
      EvalPointsCommand.self, EvalEdgesCommand.self, EvalProposalsCommand.self, EvalInstancesCommand.self,
      EvalNestedCommand.self, EvalFairnessCommand.self, EvalQualityCommand.self, EvalRatingsCommand.self,
    ])
}
