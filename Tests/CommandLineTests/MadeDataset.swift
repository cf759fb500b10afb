import Datasets
import Foundation
import Imaging
import TestSupport

/// Folders of made scenes in SA-1B's form.
enum MadeDataset {
  /// Writes pictures `0.png`, `1.png`, … with a record beside each.
  ///
  /// - Parameters:
  ///   - masks: of each image at most.
  ///   - edit: changes a record before it is written.
  static func write(
    _ name: String, count: Int = 3, masks: Int = 3, seed: UInt64 = 1, in folder: TemporaryDirectory,
    edit: (Int, inout SA1BRecord) -> Void = { _, _ in }
  ) throws {
    let scenes = SyntheticScenes(count: count, width: 96, height: 80, seed: seed)
    try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: false)
    for index in 0..<scenes.count {
      let scene = scenes.scene(at: index)
      let path = folder.file("\(name)/\(index)")
      try scene.image.write(to: path + ".png")
      var record = SA1BRecord(
        width: 96, height: 80, fileName: "\(index).png",
        annotations: scene.masks.prefix(masks).enumerated().map { Annotation(id: 100 * index + $0, mask: $1) }
      )
      edit(index, &record)
      try Data(record.json).write(to: URL(filePath: path + ".json"))
    }
  }

  /// A JSON file that a command has written.
  static func json(_ name: String, in folder: TemporaryDirectory) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(filePath: folder.file(name)))
    return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }
}
