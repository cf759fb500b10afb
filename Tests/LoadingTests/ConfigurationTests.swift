import Checkpoints
import Files
import Modeling
import SegmentAnything
import TestSupport
import Testing

/// What tensors cannot tell comes from written configurations; what both tell must agree.
@Suite struct ConfigurationTests {
  static let original = """
    {"config": {"image_size": 128, "embed_dim": 48, "num_heads": 3, "global_attn_indexes": [1, 2], "dec_num_heads": 4}}
    """
  static let huggingFace = """
    {"model_type": "sam", "vision_config": {"hidden_size": 48, "mlp_dim": null}, "mask_decoder_config":
     {"num_attention_heads": 4, "hidden_size": 32}, "prompt_encoder_config": {"image_size": 128}}
    """

  static func decoderHeads(
    _ folder: TemporaryDirectory, named name: String = "model.safetensors", metadata: [String: String] = [:]
  ) throws -> Int {
    let checkpoint = try RecognitionTests.model.checkpoint(in: folder, named: name, metadata: metadata)
    return try RecognizedModel(checkpoint).configuration.decoder.heads
  }

  @Test(arguments: [original, huggingFace])
  func metadataTellsHeads(configuration: String) throws {
    let folder = try TemporaryDirectory()
    #expect(try Self.decoderHeads(folder) == 8)
    #expect(try Self.decoderHeads(folder, metadata: ["config": configuration]) == 4)
  }

  @Test(arguments: ["model_config.json", "config.json"], [original, huggingFace])
  func aFileBesideTheCheckpointTellsHeads(file: String, configuration: String) throws {
    let folder = try TemporaryDirectory()
    try AtomicFile.write(Array(configuration.utf8), to: folder.file(file))
    #expect(try Self.decoderHeads(folder) == 4)
    // Another form of the same model; a file named after another checkpoint says nothing about this one.
    #expect(try Self.decoderHeads(folder, named: "model_epoch-3.safetensors") == 4)
    if file != "config.json" { #expect(try Self.decoderHeads(folder, named: "other.safetensors") == 8) }
  }

  @Test(arguments: [
    (#"{"embed_dim": 64}"#, "embed_dim is 64, the tensors say 48"),
    (#"{"num_heads": 4}"#, "num_heads is 4, the tensors say 3"),
    (#"{"image_size": 1024}"#, "image_size is 1024, the tensors say 128"),
    (#"{"global_attn_indexes": [0]}"#, "global_attn_indexes is [0], the tensors say [1, 2]"),
    (#"{"window_size": 14}"#, "window_size is 14, the tensors say 3"),
    (
      #"{"mask_decoder_config": {"mlp_dim": 2048}}"#,
      "mask_decoder_config.mlp_dim is 2048, the tensors say 24"
    ),
    (#"{"dec_num_heads": -1}"#, "dec_num_heads is not a size"),
    (#"{"dec_num_heads": 1.5}"#, "dec_num_heads is not a size"),
    (#"{"dec_num_heads": 1e30}"#, "dec_num_heads is not a size"),
    ("[]", "not an object"),
    ("{", "byte 1"),
  ])
  func contradictionsAndFaultsAreErrors(configuration: String, problem: String) throws {
    let folder = try TemporaryDirectory()
    let inside = #expect(throws: RecognitionError.self) {
      _ = try Self.decoderHeads(folder, metadata: ["config": configuration])
    }
    #expect(inside?.description.contains("the metadata's config") ?? false)
    #expect(inside?.description.contains(problem) ?? false, "\(String(describing: inside))")

    try AtomicFile.write(Array(configuration.utf8), to: folder.file("model_config.json"))
    let beside = #expect(throws: RecognitionError.self) { _ = try Self.decoderHeads(folder) }
    #expect(beside?.description.contains("model_config.json") ?? false)
    #expect(beside?.path == folder.file("model.safetensors"))
  }

  @Test func aConfigurationOfAnotherFileInTheFolderIsNotTaken() throws {
    let folder = try TemporaryDirectory()
    for other in [#"{"embed_dim": 64, "dec_num_heads": 4}"#, "not JSON"] {
      try AtomicFile.write(Array(other.utf8), to: folder.file("config.json"))
      #expect(try Self.decoderHeads(folder) == 8)
    }
  }
}
