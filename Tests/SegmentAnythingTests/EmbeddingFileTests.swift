import Checkpoints
import SegmentAnything
import Tensors
import TestSupport
import Testing

@Suite("Embedding files")
struct EmbeddingFileTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test func aSavedEmbeddingGivesTheSameMasks() throws {
    let sam = try Photos.sam.get()
    let embedding = try Photos.coffee.get()
    let path = directory.file("coffee.safetensors")
    try embedding.write(to: path)
    let loaded = try ImageEmbedding(contentsOfFile: path)
    #expect(loaded.width == 600 && loaded.height == 400)
    #expect(loaded.embedding.elements == embedding.embedding.elements)
    let fresh = try sam.predict([.point(300, 180)], in: embedding, multimask: true)
    let again = try sam.predict([.point(300, 180)], in: loaded, multimask: true)
    #expect(fresh[0].masks == again[0].masks)
  }

  @Test func halfPrecisionIsHalfTheSizeAndNearlyTheSame() throws {
    let sam = try Photos.sam.get()
    let embedding = try Photos.coffee.get()
    let (whole, half) = (directory.file("whole"), directory.file("half"))
    try embedding.write(to: whole)
    try embedding.write(to: half, half: true)
    let sizes = try [whole, half].map {
      try SafetensorsFile(contentsOfFile: $0).entries.values.reduce(0) { $0 + $1.bytes().count }
    }
    #expect(sizes[1] * 2 == sizes[0])
    let loaded = try ImageEmbedding(contentsOfFile: half)
    let fresh = try sam.predict([.box(110, 60, 480, 350)], in: embedding, multimask: false)[0].masks[0]
    let again = try sam.predict([.box(110, 60, 480, 350)], in: loaded, multimask: false)[0].masks[0]
    #expect(fresh.iou(again) > 0.99)
  }

  @Test func theReferencesLayoutIsInTheFile() throws {
    let path = directory.file("coffee.safetensors")
    try Photos.coffee.get().write(to: path)
    let file = try SafetensorsFile(contentsOfFile: path)
    #expect(file.entries["image_embedding"]?.shape == [1, 128, 24, 24])
    #expect(file.entries["high_res_s0"]?.shape == [1, 16, 96, 96])
    #expect(file.entries["high_res_s1"]?.shape == [1, 32, 48, 48])
  }

  @Test func anotherModelsEmbeddingIsRefused() throws {
    let sam = try Photos.sam.get()
    let path = directory.file("other.safetensors")
    try Photos.coffee.get().write(to: path)
    var file = try Checkpoint(contentsOfFile: path)
    file.metadata["fingerprint"] = String(repeating: "0", count: 64)
    try Checkpoint.write(file.tensors, metadata: file.metadata, to: path, as: .float32)
    let other = try ImageEmbedding(contentsOfFile: path)
    var predictor = Predictor(sam)
    let error = #expect(throws: SAMError.self) { try predictor.setEmbedding(other) }
    #expect(
      error?.description
        == "the embedding was made by model 000000000000, not by \(sam.info.fingerprint.description.prefix(12))"
    )
    #expect(throws: SAMError.self) { try sam.predict([.point(1, 1)], in: other, multimask: true) }
  }

  @Test func anEmbeddingForAnotherInputSizeIsRefused() throws {
    let larger = try SAM.embedded(imageSize: 512)
    let embedding = try Photos.coffee.get()
    let error = #expect(throws: SAMError.self) {
      try larger.predict([.point(1, 1)], in: embedding, multimask: true)
    }
    #expect(
      error?.description
        == "the embedding has an input size of 384 and features of 24x24x128, 96x96x16, 48x48x32, the model wants an "
        + "input size of 512 and features of 32x32x128, 128x128x16, 64x64x32")
  }

  @Test(arguments: ["format", "fingerprint", "width", "height", "image_size"])
  func aMissingFieldIsNamed(_ field: String) throws {
    let path = directory.file("damaged.safetensors")
    try Photos.coffee.get().write(to: path)
    var file = try Checkpoint(contentsOfFile: path)
    file.metadata[field] = nil
    try Checkpoint.write(file.tensors, metadata: file.metadata, to: path, as: .float32)
    let error = #expect(throws: SAMError.self) { try ImageEmbedding(contentsOfFile: path) }
    #expect(error?.description.hasPrefix(path) == true)
  }

  @Test(arguments: ["image_embedding", "high_res_s0"]) func aMissingTensorIsNamed(_ name: String) throws {
    let path = directory.file("damaged.safetensors")
    try Photos.coffee.get().write(to: path)
    var file = try Checkpoint(contentsOfFile: path)
    file.tensors[name] = nil
    try Checkpoint.write(file.tensors, metadata: file.metadata, to: path, as: .float32)
    #expect(throws: SAMError.self) { try ImageEmbedding(contentsOfFile: path) }
  }

  @Test func anotherKindOfFileIsRefused() throws {
    #expect(throws: SAMError.self) { try ImageEmbedding(contentsOfFile: Fixtures.path("../../README.md")) }
    #expect(throws: SAMError.self) { try ImageEmbedding(contentsOfFile: directory.file("absent")) }
  }

  @Test func aFullDiskIsAnErrorThatNamesTheFile() throws {
    let embedding = try Photos.coffee.get()
    let error = #expect(throws: SAMError.self) { try embedding.write(to: "/dev/full") }
    #expect(error?.description.hasPrefix("/dev/full: ") == true)
    #expect(throws: SAMError.self) { try embedding.write(to: directory.path) }
    #expect(throws: SAMError.self) { try embedding.write(to: directory.file("no/such/folder")) }
  }
}
