import ArgumentParser
import Datasets
import Evaluation
import Files

/// `sam dataset sample`: random images of a dataset as a dataset of their own.
struct DatasetSampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Draw random images of a dataset, with pictures and masks, as a dataset of their own.",
    discussion: """
      Examples:
        sam dataset sample data/val/balloons 5 --seed 3 -o five
        sam dataset sample instances.json 500 --images val2017 --to coco -o audit

      A sample that cannot be read is told and left out; the exit code is 1 then.
      """)

  @Argument(help: "The dataset, in any form of docs/formats.md.", completion: .directory)
  var folder: String

  @Argument(help: ArgumentHelp("How many images.", valueName: "n"))
  var count: Int

  @Option(help: ArgumentHelp("The seed of what is drawn.", valueName: "n"))
  var seed: UInt64 = 0

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("The folder to write to.", valueName: "folder"), completion: .directory)
  var output: String

  @Option(
    help: ArgumentHelp("The form: sa1b, masks, rle, coco, yolo, labelme or labelmap.", valueName: "form"))
  var to: OutputFormat = .sa1b

  @Option(
    help: ArgumentHelp("The pictures' folder, where they do not lie beside the masks.", valueName: "folder"),
    completion: .directory)
  var images: String?

  func validate() throws {
    guard count > 0 else { throw ValidationError("\(count): expected 1 image or more") }
    if output == "-" { throw ValidationError("--output -: expected a folder") }
    if to == .overlay { throw ValidationError("--to overlay: a dataset has masks, not drawings") }
  }

  func run() throws {
    let source = try openDataset(folder, images: images)
    guard count <= source.count else {
      throw ValidationError("\(count): \(folder) has \(source.count) images")
    }
    guard !Folder.isFolder(output) else {
      throw CommandError.folderExists(output)
    }
    let subset = DatasetSubset(
      of: source, indices: ImageSelection.drawn(count, of: source.count, seed: seed))
    var conversion = Conversion(source: subset, format: to, segmentation: .rle)
    if to == .coco {
      try Folder.make(output)
      try conversion.writeCOCO(to: Path.join(output, "annotations.json"))
      try copyPictures(of: subset)
    } else {
      try conversion.writeFolder(output, withPictures: true)
    }
    let failed = conversion.failed
    try Console.print("\(output): \(conversion.images) images, \(conversion.masks) masks")
    if failed > 0 { throw CommandError.someFailed(failed: failed, of: count) }
  }

  private func copyPictures(of subset: DatasetSubset) throws {
    for index in 0..<subset.count {
      // What cannot be read was told of when its masks were to be written.
      guard let sample = try? subset.sample(at: index), let bytes = try? sample.picture.bytes() else {
        continue
      }
      let path = Path.join(output, Path.join(Path.folder(sample.name), sample.picture.fileName))
      try Folder.make(Path.folder(path))
      try AtomicFile.write(bytes, to: path)
    }
  }
}
