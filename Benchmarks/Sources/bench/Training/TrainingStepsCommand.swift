internal import ArgumentParser
internal import Checkpoints
internal import Foundation
internal import Training

/// Makes steps of a recorded training on demand, so that a script can alternate between us and a twin.
struct TrainingStepsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "training-steps",
    abstract: "Steps of a recorded training, as standard input asks for them; used by peers/train.",
    discussion: """
      Each line is a request, and gets a line with numbers in answer:
        step        milliseconds, loss, mean IoU of the first and of the last round of prompts
        save FILE   writes the weights
      """)

  @OptionGroup var common: CommonOptions

  @Option(
    help: ArgumentHelp(
      "Parts of a batch that run side by side; batch norms see one of them, PyTorch's see the whole batch.",
      valueName: "n"))
  var shards = 2

  @Argument(help: ArgumentHelp("What 'bench training --record' wrote.", valueName: "folder"))
  var folder: String

  func run() throws {
    let training = try RecordedTraining(contentsOf: folder)
    var run = TrainingRun(training, shards: max(1, shards), threads: common.threads)
    reply(0)
    while let line = readLine() {
      let words = line.split(separator: " ").map(String.init)
      switch (words.first, words.count) {
      case ("step", 1):
        let start = ContinuousClock.now
        let outcome = try run.step()
        let time = (ContinuousClock.now - start) / .milliseconds(1)
        reply(time, outcome.objective.loss, outcome.objective.firstIoU, outcome.objective.lastIoU)
      case ("save", 2):
        try Checkpoint.write(run.state.parameters, metadata: [:], to: words[1])
        reply(0)
      default: throw ValidationError("'\(line)' is not a request")
      }
    }
  }

  private func reply(_ numbers: Double...) {
    print(numbers.map { String($0) }.joined(separator: " "))
    fflush(nil)
  }
}
