import Files

/// Milliseconds of each step of a command.
struct StepTimes {
  /// Loading the model; 0 for all images but the first.
  var load = 0.0
  /// Reading and decoding the picture.
  var read = 0.0
  /// Computing or reading the embedding.
  var encode = 0.0
  /// Answering the prompts.
  var decode = 0.0
  /// Encoding and writing the results.
  var write = 0.0

  private var steps: [(name: String, value: Double)] {
    [("load", load), ("read", read), ("encode", encode), ("decode", decode), ("write", write)]
  }

  /// All steps, by name.
  var json: JSONText { .object(steps.map { ($0.name, .number($0.value, decimals: 2)) }) }

  /// The steps that took time, on one line.
  var line: String {
    steps.filter { $0.value > 0 }
      .map { "\($0.name) \(Decimal.fixed($0.value, decimals: $0.value < 10 ? 1 : 0)) ms" }
      .joined(separator: ", ")
  }
}
