import ArgumentParser
import ModelStore
import Modeling
import SegmentAnything
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The options of every command that runs a model.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The model: a checkpoint file, or the name of a downloaded one (default: the model inside).",
      valueName: "file|name"),
    completion: .file())
  var checkpoint: String?

  @Option(
    help: ArgumentHelp(
      "Side of the model's input in pixels, a multiple of 16, or 32 for the model inside (default: its own).",
      valueName: "n"))
  var imageSize: Int?

  @Option(
    help: ArgumentHelp(
      "How a vision transformer encodes images: float32, or int8, which is faster and a little less exact.",
      valueName: "float32|int8"))
  var precision: Precision = .float32

  @Option(help: ArgumentHelp("Threads to use at most (default: all processors).", valueName: "n"))
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads): expected 1 to 1024")
    }
    if precision == .int8, checkpoint == nil {
      throw ValidationError("--precision int8: needs the --checkpoint of a vision transformer")
    }
  }

  /// Loads the model; says so where it is the one inside because none was named.
  func load() throws -> SAM {
    let compute = threads.map { Compute(threads: $0) } ?? .shared
    if let checkpoint {
      return try SAM(
        checkpoint: ModelOptions.path(of: checkpoint), imageSize: imageSize, precision: precision,
        compute: compute)
    }
    let model = try SAM.embedded(imageSize: imageSize, compute: compute)
    Console.note("no --checkpoint: using the model inside, \(model.info.name)")
    return model
  }

  /// The file that `--checkpoint` or an argument in its place means.
  static func path(of checkpoint: String) throws -> String {
    // A file wins over a name: what the user sees in the folder is what is meant.
    guard access(checkpoint, F_OK) != 0, OfficialCheckpoint.named(checkpoint) != nil else {
      return checkpoint
    }
    return try ModelStore.ofUser().path(named: checkpoint)
  }
}
