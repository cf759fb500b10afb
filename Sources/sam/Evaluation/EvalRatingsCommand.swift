import ArgumentParser
import Evaluation
import Files

/// `sam eval ratings`: what raters made of several models on the same inputs.
struct EvalRatingsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ratings",
    abstract:
      "Compare models by people's ratings from 1 to 10 on the same inputs, as the paper's human study does.",
    discussion: """
      The table has the columns input, model and rating; or input, and a column for each model. A column dataset divides the \
      inputs. Prints each model's mean with its 95 % interval, and for pairs of models the mean difference, Student's paired t-test \
      (two-sided, and for the first being better) and the interval of a paired bootstrap.

      Examples:
        sam eval ratings ratings.csv
        sam eval ratings ratings.csv --against sam --json ratings.json --report ratings.html

      An input that is not rated for every model is an error: pairs need both.
      """)

  @Argument(help: "A table in CSV form; see docs/evaluation.md.", completion: .file(extensions: ["csv"]))
  var table: String

  @Option(
    help: ArgumentHelp("Compare this model with each other one (default: all pairs).", valueName: "model"))
  var against: String?

  @Option(help: ArgumentHelp("How often inputs are resampled.", valueName: "n"))
  var samples = 10_000

  @Option(help: ArgumentHelp("The share of the interval of a difference.", valueName: "share"))
  var level = 0.99

  @Option(
    help: ArgumentHelp("The seed of the first pair's resampling; the next pair has the next.", valueName: "n")
  )
  var seed: UInt64 = 2023

  @Option(
    help: ArgumentHelp(
      "The seed of the first model's resampling; the next model has the next.", valueName: "n"))
  var meanSeed: UInt64 = 200

  @OptionGroup var resultOptions: ResultOptions

  func validate() throws {
    guard (1...10_000_000).contains(samples) else {
      throw ValidationError("--samples \(samples): expected 1 to 10000000")
    }
    guard level > 0, level < 1 else {
      throw ValidationError("--level \(level): expected a share between 0 and 1")
    }
  }

  func run() throws {
    let table = try RatingTable(CSVTable(contentsOfFile: table))
    var reference: Int?
    if let against {
      reference = table.models.firstIndex(of: against)
      guard reference != nil else {
        throw CSVError(
          path: self.table, line: nil,
          problem: .content("no model '\(against)', there are: \(table.models.joined(separator: ", "))"))
      }
    }
    var settings = RatingComparison.Settings()
    (settings.samples, settings.level) = (samples, level)
    (settings.pairSeed, settings.meanSeed) = (seed, meanSeed)
    let parts = table.parts.map { part in
      (
        name: part.name,
        comparison: RatingComparison(
          models: table.models, ratings: part.ratings, reference: reference, settings: settings)
      )
    }
    let page = RatingsPage(parts: parts, settings: settings)
    try Console.print(page.text)
    try resultOptions.write {
      page.json.line + "\n"
    } report: {
      page.report
    }
  }
}
