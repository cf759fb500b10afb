internal import ArgumentParser
internal import Imaging
internal import Tensors

/// Pictures to the model's size, and masks back to the picture's.
struct ResizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resize", abstract: "Resizing pictures for the model, and masks to the picture's size.")

  @OptionGroup var common: CommonOptions

  func run() throws {
    let photo = try BenchedModel.photo()
    var report = Report("Resizing", "what", "ms", "megapixels a second")
    func add(_ name: String, pixels: Int, _ body: () -> Void) {
      let time = Samples(max(common.runs, 10), body).median
      report.add(.text(name), Report.time(time), .number(Double(pixels) / time / 1000, 0))
    }
    for (width, height) in [(4000, 3000), (1920, 1080), (512, 512)] {
      let picture = photo.resized(width: width, height: height)
      add("picture \(width)x\(height), longest side to 1024", pixels: width * height) {
        _ = picture.resizedLongestSide(to: 1024)
      }
    }
    let logits = Kernel.operand([3, 256, 256], on: common.compute)
    for (width, height) in [(4000, 3000), (1024, 1024)] {
      let input = Image.longestSideSize(width: width, height: height, target: 1024)
      let upsampling = MaskUpsampling(
        lowResolutionSize: 256, imageSize: 1024, inputWidth: input.width, inputHeight: input.height,
        width: width, height: height)
      add("3 masks 256x256 to \(width)x\(height)", pixels: 3 * width * height) {
        _ = upsampling.masks(logits)
      }
    }
    try report.print(common)
  }
}
