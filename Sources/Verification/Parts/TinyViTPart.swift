internal import Checkpoints
internal import Imaging
internal import Modeling
internal import SegmentAnything
internal import Tensors

/// `tinyvit`: MobileSAM's image encoder, stage by stage, at the input sizes that `config.json` lists.
enum TinyViTPart {
  static func steps(_ context: PartContext) throws(VerificationError) -> [PartStep] {
    [PartStep { (recorder) throws(VerificationError) in try check(context, recorder) }]
  }

  private static func check(_ context: PartContext, _ recorder: Recorder) throws(VerificationError) {
    let folder = context.folder
    let config = try folder.json("config.json")
    let sizes = try config.member("image_size_files").members()
    let references = Set(sizes.map(\.name))
    guard let weights = try folder.files("safetensors", "pth").first(where: { !references.contains($0) })
    else {
      throw .missing(path: folder.path, what: "a checkpoint of the encoder")
    }
    let model = try recognize(folder.file(weights))
    let written = try encoder(config)
    guard model.configuration.encoder == .tinyViT(written) else {
      throw .inconsistent(path: config.path, what: "sizes are not those that this build reads off \(weights)")
    }
    recorder.record("\(weights) sizes", .none, .exact)
    for (name, size) in sizes {
      recorder.attempt(name) { () throws(VerificationError) in
        var configuration = model.configuration
        configuration.imageSize = try size.integer(in: 32...4096)
        let encoder: ImageEncoder
        do throws(ModelError) {
          encoder = try ImageEncoder(Parameters(model.parameters)["image_encoder"], configuration)
        } catch {
          throw .model(.model(path: folder.file(weights), error))
        }
        recorder.announce("\(name): encoding at \(configuration.imageSize)")
        if name.hasSuffix(".json") {
          try compareSamples(try folder.json(name), encoder, configuration, context.tolerances, recorder)
        } else {
          try compareTensors(try folder.tensors(name), encoder, configuration, context.tolerances, recorder)
        }
      }
    }
  }

  private static func recognize(_ path: String) throws(VerificationError) -> RecognizedModel {
    let checkpoint: Checkpoint
    do throws(CheckpointError) { checkpoint = try Checkpoint(contentsOfFile: path) } catch {
      throw .checkpoint(error)
    }
    do throws(RecognitionError) {
      return try RecognizedModel(encoder: checkpoint)
    } catch {
      throw .model(.recognition(error))
    }
  }

  private static func encoder(_ config: ReferenceValue) throws(VerificationError) -> TinyViTConfiguration {
    TinyViTConfiguration(
      widths: try config.member("embed_dims").integers(4, in: 1...65536),
      depths: try config.member("depths").integers(4, in: 0...1000),
      heads: try config.member("num_heads").integers(4, in: 1...1024),
      windowSizes: try config.member("window_sizes").integers(4, in: 1...256))
  }

  /// Whole tensors, from the file's own input.
  private static func compareTensors(
    _ file: ReferenceTensors, _ encoder: ImageEncoder, _ configuration: ModelConfiguration,
    _ tolerances: Tolerances,
    _ recorder: Recorder
  ) throws(VerificationError) {
    let limit = try tolerances.limit("tinyvit.stages")
    let size = configuration.imageSize
    let input = try file.tensor("input").tensor([1, 3, size, size]).permuted([0, 2, 3, 1])
    var seen: Set<String> = ["input"]
    func compare(_ stage: String, _ value: Tensor) {
      guard let reference = file[optional: stage] else { return }
      seen.insert(stage)
      recorder.attempt("\(size) \(stage)") { () throws(VerificationError) in
        let arranged = arrange(value, dimensions: reference.shape.count)
        recorder.record("\(size) \(stage)", try reference.difference(from: arranged), limit)
      }
    }
    let output = try encode(input, encoder, observe: compare)
    compare("embedding", output)
    for name in file.names where !seen.contains(name) { recorder.skip("\(size) \(name)") }
  }

  /// Sampled values, from a picture by formula.
  private static func compareSamples(
    _ file: ReferenceValue, _ encoder: ImageEncoder, _ configuration: ModelConfiguration,
    _ tolerances: Tolerances,
    _ recorder: Recorder
  ) throws(VerificationError) {
    let limit = try tolerances.limit("tinyvit.sampled_relative_to_std")
    let size = configuration.imageSize
    let formula = Formula(salt: try file.member("salt").text())
    let image = try formula.image(
      width: try file.member("W").integer(in: Formula.imageSides),
      height: try file.member("H").integer(in: Formula.imageSides))
    recorder.attempt("image") { () throws(VerificationError) in try recorder.check(image, with: file) }
    let input = ModelInput(image, size: size).tensor.reshaped([1, size, size, 3])
    let stages = try file.member("stages")
    var seen: Set<String> = []
    func compare(_ stage: String, _ value: Tensor) {
      guard let reference = stages[optional: stage] else { return }
      seen.insert(stage)
      recorder.attempt("\(size) \(stage)") { () throws(VerificationError) in
        let record = try SampledRecord(reference)
        let arranged = arrange(value, dimensions: record.shape.count)
        let (samples, statistics) = try record.differences(from: arranged, unit: record.deviation())
        let note =
          "\(record.values.count) values, absolute differences as multiples of the standard deviation"
        recorder.record("\(size) \(stage)", samples, limit, note: note)
        recorder.record("\(size) \(stage) statistics", statistics, limit)
      }
    }
    let output = try encode(input, encoder, observe: compare)
    compare("embedding", output)
    for (name, _) in try stages.members() where !seen.contains(name) { recorder.skip("\(size) \(name)") }
  }

  private static func encode(
    _ input: Tensor, _ encoder: ImageEncoder, observe: @escaping (String, Tensor) -> Void
  ) throws(VerificationError) -> Tensor {
    do throws(ModelError) {
      return try encoder(input, observe: ActivationObserver(observe)).embedding
    } catch {
      throw .model(.model(path: "tinyvit", error))
    }
  }

  /// The reference keeps images of its convolutions channels first, and tokens as batch x tokens x channels.
  private static func arrange(_ value: Tensor, dimensions: Int) -> Tensor {
    let shape = value.shape
    guard dimensions == 3, shape.count == 4 else { return Layout.channelsFirst.arrange(value) }
    return value.reshaped([shape[0], shape[1] * shape[2], shape[3]])
  }
}
