import ArgumentParser
import Datasets
import Files
import Imaging

/// `sam convert`: masks from one form into another.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Convert masks between SA-1B, COCO, YOLO, LabelMe, PNG files, label maps and overlays.",
    discussion: """
      The input is a folder, an archive or a file in any of the forms that datasets come in; it is recognised by what \
      is in it, or named by --from. The output is a folder that mirrors its names; for coco a .json file; for sa1b \
      also a .tar file, with the pictures in it.

      Examples:
        sam convert sa_000020.tar pictures --to masks
        sam convert instances.json labels --images val2017 --to yolo
        sam convert labelme-folder instances.json --to coco --coco-segmentation polygon
        sam convert photos-and-masks shard.tar --to sa1b
        sam convert photos seen --to overlay

      Forms are described in docs/formats.md. Samples that are damaged are named and passed over; the exit code is \
      then 1.
      """)

  @Argument(help: "A folder, a .tar archive, or COCO's .json file.", completion: .file())
  var input: String

  @Argument(help: "A folder; a .json file for coco; for sa1b also a .tar file.", completion: .file())
  var output: String

  @Option(
    help: ArgumentHelp(
      "The input's form: sa1b, coco, masks, yolo or labelme (default: seen from it).", valueName: "form"))
  var from: DatasetFormat?

  @Option(
    help: ArgumentHelp(
      "The output's form: masks, rle, sa1b, coco, yolo, labelme, labelmap or overlay.", valueName: "form"))
  var to: OutputFormat

  @Option(
    help: ArgumentHelp("The pictures' folder, where they do not lie beside the masks.", valueName: "folder"),
    completion: .directory)
  var images: String?

  @Option(
    help: ArgumentHelp(
      "Masks in COCO's file: run lengths, or polygons where they give the same mask.",
      valueName: "rle|polygon"))
  var cocoSegmentation: COCOWriter.Segmentation = .rle

  @Flag(help: "Copy the pictures, too, into a folder of masks.")
  var pictures = false

  private var isArchive: Bool { Path.splitExtension(output).ending.lowercased() == ".tar" }

  func validate() throws {
    if isArchive, to != .sa1b { throw ValidationError("\(output): only --to sa1b is written as an archive") }
    if to == .coco, pictures { throw ValidationError("--pictures: --to coco is one file") }
    if output == "-" || input == "-" {
      throw ValidationError("-: convert reads and writes files and folders")
    }
  }

  func run() throws {
    let source = try openDataset(
      input, format: from, images: images, needsPictures: to == .overlay || pictures || isArchive)
    var conversion = Conversion(source: source, format: to, segmentation: cocoSegmentation)
    switch to {
    case .coco: try conversion.writeCOCO(to: output)
    case .sa1b where isArchive: try conversion.writeArchive(to: output)
    default: try conversion.writeFolder(output, withPictures: pictures)
    }
    try Console.print("\(output): \(conversion.images) images, \(conversion.masks) masks")
    if conversion.failed > 0 { throw CommandError.someFailed(failed: conversion.failed, of: source.count) }
  }
}
