import Checkpoints
import Tensors
import TestSupport
import Testing

@Suite struct SharedCheckpointTests {
  @Test(.enabled(if: SharedData.has("golden/model/sam_small.safetensors")))
  func everyFormatGivesTheSameTensors() throws {
    let reference = try Checkpoint(contentsOfFile: SharedData.require("golden/model/sam_small.safetensors"))
    #expect(reference.format == .safetensors)
    #expect(reference.tensors.count == 202)
    for (file, format) in [
      ("sam_small.pth", Checkpoint.Format.pytorchZip), ("sam_small_legacy.pth", .pytorchLegacy),
    ] {
      let checkpoint = try Checkpoint(contentsOfFile: SharedData.require("golden/model/\(file)"))
      #expect(checkpoint.format == format)
      #expect(checkpoint.tensors.count == 202)
      for (name, tensor) in reference.tensors {
        let other = try #require(checkpoint.tensors[name])
        #expect(other.shape == tensor.shape)
        #expect(other.elements == tensor.elements, "\(name)")
      }
    }
  }
}
