import Files
import Training

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a recipe costs, stage by stage.
struct TrialReport {
  private let trials: [Trainer.Trial]

  init(_ trials: [Trainer.Trial]) { self.trials = trials }

  /// A table, and the memory that was needed.
  var text: String {
    var table = Table([
      "stage": .left, "input": .right, "batch": .right, "steps": .right, "tried": .right, "s/step": .right,
      "images/s": .right, "in all": .right,
    ])
    func add(_ name: String, _ cells: [String], _ seconds: Double) {
      table.add([name] + cells + [TrialReport.duration(seconds)])
    }
    for (index, trial) in trials.enumerated() {
      let stage = trial.stage
      let speed = Double(stage.batch) / max(1e-9, trial.seconds)
      add(
        "\(index + 1)",
        [
          "\(stage.size)", "\(stage.batch)", "\(stage.steps)", "\(trial.images)",
          Decimal.fixed(trial.seconds, decimals: trial.seconds < 10 ? 2 : 0),
          Decimal.fixed(speed, decimals: speed < 1 ? 4 : 1),
        ], trial.seconds * Double(stage.steps))
    }
    return table.text + "\nmemory: \(Decimal.fixed(TrialReport.peakMemory / 1e9, decimals: 1)) GB at most"
  }

  private static func duration(_ seconds: Double) -> String {
    seconds < 360_000 ? TrainingDisplay.duration(seconds) : "\(Int((seconds / 86_400).rounded())) days"
  }

  /// The most memory that this process has held, in bytes.
  private static var peakMemory: Double {
    var usage = rusage()
    // RUSAGE_SELF, which Glibc declares as an enumeration of its own.
    getrusage(0, &usage)
    #if canImport(Darwin)
      let unit = 1.0
    #else
      let unit = 1024.0
    #endif
    return unit * Double(usage.ru_maxrss)
  }
}
