internal import Checkpoints
internal import Modeling
internal import SegmentAnything
internal import Tensors

/// `model`: the same weights in several file formats give the same model, of the sizes that are written down.
enum ModelPart {
  static func steps(_ context: PartContext) throws(VerificationError) -> [PartStep] {
    [PartStep { (recorder) throws(VerificationError) in try check(context, recorder) }]
  }

  // MARK: - Loading

  /// The model of a checkpoint file.
  static func model(_ path: String) throws(VerificationError) -> SAM {
    do throws(SAMError) { return try SAM(checkpoint: path) } catch { throw .model(error) }
  }

  /// The model of the first of a folder's checkpoints that can be used; all of them are the same.
  static func anyModel(_ folder: ReferenceFolder) throws(VerificationError) -> SAM {
    var failure = VerificationError.missing(path: folder.path, what: "a checkpoint")
    for name in try checkpoints(folder) {
      do throws(VerificationError) { return try model(folder.file(name)) } catch { failure = error }
    }
    throw failure
  }

  /// The parameters and sizes of the first of a folder's checkpoints that can be used.
  static func anyRecognized(_ folder: ReferenceFolder) throws(VerificationError) -> RecognizedModel {
    guard let name = try checkpoints(folder).first else {
      throw .missing(path: folder.path, what: "a checkpoint")
    }
    return try recognize(folder.file(name))
  }

  private static func checkpoints(_ folder: ReferenceFolder) throws(VerificationError) -> [String] {
    // Formats that need no conversion of names first.
    let names = try folder.files("safetensors", "pth", "pt")
    return names.filter { !$0.contains("_hf.") } + names.filter { $0.contains("_hf.") }
  }

  private static func recognize(_ path: String) throws(VerificationError) -> RecognizedModel {
    let checkpoint: Checkpoint
    do throws(CheckpointError) { checkpoint = try Checkpoint(contentsOfFile: path) } catch {
      throw .checkpoint(error)
    }
    do throws(RecognitionError) {
      return try RecognizedModel(checkpoint)
    } catch {
      throw .model(.recognition(error))
    }
  }

  // MARK: - Checks

  private static func check(_ context: PartContext, _ recorder: Recorder) throws(VerificationError) {
    let folder = context.folder
    let limit = try context.tolerances.limit("model.tensors")
    let names = try checkpoints(folder)
    guard !names.isEmpty else { throw .missing(path: folder.path, what: "a checkpoint") }
    var first: RecognizedModel?
    for name in names {
      recorder.attempt(name) { () throws(VerificationError) in
        let model = try recognize(folder.file(name))
        _ = try ModelPart.model(folder.file(name))
        guard let reference = first else {
          first = model
          recorder.record(
            "\(name) loads", .none, .exact, note: "\(model.parameters.count) tensors, \(model.name)")
          return
        }
        try compare(model, with: reference, name, recorder, limit)
      }
    }
    guard let first else { return }
    for name in try folder.files("json") where name.hasSuffix("_config.json") {
      recorder.attempt(name) { () throws(VerificationError) in
        try ConfigurationCheck(try folder.json(name), recorder, name).compare(first)
      }
    }
    if folder.has("hf_key_map.json") {
      recorder.attempt("hf_key_map.json") { () throws(VerificationError) in
        try checkNames(try folder.json("hf_key_map.json"), first, recorder)
      }
    }
  }

  /// The same names, shapes, values, configuration and fingerprint.
  private static func compare(
    _ model: RecognizedModel, with reference: RecognizedModel, _ name: String, _ recorder: Recorder,
    _ limit: Limit
  ) throws(VerificationError) {
    var worst = Difference.none
    for (key, expected) in reference.parameters {
      guard let tensor = model.parameters[key] else {
        throw .inconsistent(path: model.path, what: "no tensor for \(key), which \(reference.path) has")
      }
      guard tensor.shape == expected.shape else {
        throw .inconsistent(
          path: model.path, what: "\(key) has shape \(tensor.shape), \(expected.shape) in \(reference.path)")
      }
      worst = worst.joined(
        tensor.withUnsafeBuffer { own in expected.withUnsafeBuffer { Difference(own, $0) } })
    }
    if let extra = model.parameters.keys.filter({ reference.parameters[$0] == nil }).min() {
      throw .inconsistent(path: model.path, what: "has \(extra), which \(reference.path) lacks")
    }
    recorder.record("\(name) tensors", worst, limit, note: "\(model.parameters.count) tensors")
    record("\(name) fingerprint", model.fingerprint == reference.fingerprint, recorder) {
      "\(model.path): the fingerprint is \(model.fingerprint), that of \(reference.path) \(reference.fingerprint)"
    }
    record("\(name) configuration", model.configuration == reference.configuration, recorder) {
      "\(model.path): sizes are not those of \(reference.path)"
    }
  }

  private static func record(_ name: String, _ isEqual: Bool, _ recorder: Recorder, _ reason: () -> String) {
    if isEqual { recorder.record(name, .none, .exact) } else { recorder.fail(name, reason()) }
  }

  /// The official names that the folder's table lists are those of the model.
  private static func checkNames(
    _ map: ReferenceValue, _ model: RecognizedModel, _ recorder: Recorder
  ) throws(VerificationError) {
    let official = Set(try (map[optional: "official_to_hf"] ?? map).members().map(\.name))
    let own = Set(model.parameters.keys)
    record("hf_key_map.json names", official == own, recorder) {
      let odd = official.symmetricDifference(own).sorted().prefix(3).joined(separator: ", ")
      return "\(map.path): names and the model's differ: \(odd)"
    }
  }
}

/// Compares a model's sizes with those that a file lists under the reference's own names.
private struct ConfigurationCheck {
  let file: ReferenceValue
  let recorder: Recorder
  let name: String

  init(_ file: ReferenceValue, _ recorder: Recorder, _ name: String) {
    self.file = file
    self.recorder = recorder
    self.name = name
  }

  func compare(_ model: RecognizedModel) throws(VerificationError) {
    let sizes = model.configuration
    let decoder = sizes.decoder
    var own: [String: [Double]] = [
      "image_size": [Double(sizes.imageSize)], "out_chans": [Double(decoder.width)],
      "prompt_embed_dim": [Double(decoder.width)], "mask_in_chans": [Double(decoder.maskInputChannels)],
      "num_multimask_outputs": [Double(decoder.multimaskOutputs)], "dec_depth": [Double(decoder.depth)],
      "dec_num_heads": [Double(decoder.heads)], "dec_mlp_dim": [Double(decoder.mlpWidth)],
      "iou_head_depth": [Double(decoder.iouHeadDepth)], "iou_head_hidden_dim": [Double(decoder.iouHeadWidth)],
    ]
    if case .viT(let encoder) = sizes.encoder {
      own.merge([
        "patch_size": [Double(encoder.patchSize)], "embed_dim": [Double(encoder.width)],
        "depth": [Double(encoder.depth)], "num_heads": [Double(encoder.heads)],
        "mlp_ratio": [Double(encoder.mlpWidth) / Double(encoder.width)],
        "window_size": [Double(encoder.windowSize)],
        "global_attn_indexes": encoder.globalBlocks.sorted().map(Double.init),
      ]) { $1 }
    }
    let listed = file[optional: "config"] ?? file
    for (key, value) in try listed.members() {
      guard let size = own[key] else { continue }
      try record(key, size, value)
    }
    if let value = file[optional: "num_parameters"] {
      try record("num_parameters", [Double(model.parameterCount)], value)
    }
    if let value = file[optional: "mask_logit_size"] {
      try record("mask_logit_size", [Double(sizes.lowResolutionSize)], value)
    }
    let (mean, deviation) = (ModelConfiguration.pixelMean, ModelConfiguration.pixelDeviation)
    for (key, size) in [("pixel_mean", mean), ("pixel_std", deviation)] {
      guard let value = file[optional: key] else { continue }
      let expected = try value.numbers(3).map { Float($0) }
      recorder.record(
        "\(name) \(key)", Difference([size.0, size.1, size.2].map(Double.init), expected.map(Double.init)),
        .exact)
    }
  }

  private func record(_ key: String, _ own: [Double], _ value: ReferenceValue) throws(VerificationError) {
    let expected = try value.flatNumbers()
    guard expected.count == own.count else {
      throw value.unexpected("\(own.count) numbers, as in this build")
    }
    recorder.record("\(name) \(key)", Difference(own, expected), .exact)
  }
}
