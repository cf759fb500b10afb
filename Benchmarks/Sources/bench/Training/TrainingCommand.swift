internal import ArgumentParser
internal import Training

/// Steps of a training.
struct TrainingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "training",
    abstract: "Steps of training from random values on made scenes.",
    discussion: """
      vit: a vision transformer of width 96 and depth 4, a decoder of width 64. nano: the form of the model inside, with \
      batch norms. The loop is that of Recipes/nano.yml with a fixed number of rounds.

      Shares of a step: the encoder's way forward and the optimiser are measured by themselves, the rounds of prompts, forward and back, as \
      steps with ready embeddings; the encoder's way back is the rest. The last column is training of prompt encoder and \
      decoder on kept embeddings: masks with all their rounds.

      --record writes weights and batches for peers/train, whose twin in PyTorch makes the same steps.
      """)

  @OptionGroup var common: CommonOptions

  @Option(
    help: ArgumentHelp(
      "Models, separated by commas: \(TrainingSettings.models.joined(separator: ", ")).", valueName: "names"))
  var models = TrainingSettings.models.joined(separator: ",")

  @Option(help: ArgumentHelp("Side of the model input, a multiple of 32.", valueName: "pixels"))
  var size = 256

  @Option(help: ArgumentHelp("Images of a step.", valueName: "n"))
  var batch = 8

  @Option(help: ArgumentHelp("Rounds of prompts.", valueName: "n"))
  var rounds = 3

  @Option(help: ArgumentHelp("Parts of a batch that run side by side.", valueName: "n"))
  var shards = 2

  @Option(help: ArgumentHelp("Batches, which are taken again and again.", valueName: "n"))
  var batches = 4

  @Option(
    help: ArgumentHelp("Write weights and batches of the one model there instead.", valueName: "folder"))
  var record: String?

  func validate() throws {
    guard size > 0, size % 32 == 0, size <= 1024 else {
      throw ValidationError("--size is a multiple of 32 up to 1024")
    }
    for (name, value) in [("batch", batch), ("rounds", rounds), ("shards", shards), ("batches", batches)] {
      guard (1...10_000).contains(value) else { throw ValidationError("--\(name) is from 1 to 10000") }
    }
    guard record == nil || !models.contains(",") else {
      throw ValidationError("--record is for one of the --models")
    }
  }

  func run() throws {
    var report = Report(
      "Training", "model", "step ms", "images/s", "encoder forward", "encoder back", "rounds", "optimiser",
      "decoder only, masks/min")
    for name in models.split(separator: ",") {
      var settings = TrainingSettings(model: String(name), size: size, rounds: rounds)
      settings.batch = batch
      let training = try RecordedTraining(settings, batches: batches)
      if let record { return try training.write(to: record) }

      var run = TrainingRun(training, shards: shards, threads: common.threads)
      let step = try Samples(common.runs) { _ = try run.step() }.median
      let encoder = try Samples((0...2).map { _ in try run.encoderTime() }).median
      let optimizer = Samples((0...2).map { _ in run.optimizerTime() }).median

      var decoder = TrainingRun(training, shards: shards, threads: common.threads, onlyDecoder: true)
      // All embeddings are made.
      for _ in training.batches { _ = try decoder.step() }
      var masks = 0
      let times = try Samples(common.runs, warmingUp: false) {
        masks += decoder.batch.reduce(0) { $0 + $1.masks.count }
        _ = try decoder.step()
      }
      let rounds = min(times.median, step - encoder - optimizer)
      report.add(
        .text(training.settings.model), Report.time(step), .number(1000 * Double(batch) / step, 1),
        .share(encoder / step), .share((step - encoder - optimizer - rounds) / step), .share(rounds / step),
        .share(optimizer / step), .number(60_000 * Double(masks) / times.values.reduce(0, +), 0))
    }
    try report.print(common)
  }
}
