import Datasets
import Foundation
import Imaging
import TestSupport

/// A mask of random rectangles.
func randomMask(width: Int, height: Int, using generator: inout SplitMix64) -> RunLengthMask {
  var mask = Mask(width: width, height: height)
  for _ in 0..<Int.random(in: 1...4, using: &generator) {
    let x0 = Int.random(in: 0..<width, using: &generator)
    let y0 = Int.random(in: 0..<height, using: &generator)
    for y in y0..<Int.random(in: y0..<height, using: &generator) + 1 {
      for x in x0..<Int.random(in: x0..<width, using: &generator) + 1 { mask[x, y].toggle() }
    }
  }
  mask[width / 2, height / 2] = true
  return RunLengthMask(mask)
}

/// A record with every field.
func record(seed: UInt64, masks: Int = 3, width: Int = 31, height: Int = 23) -> SA1BRecord {
  var generator = SplitMix64(seed: seed)
  let annotations = (0..<masks).map { index in
    Annotation(
      id: 100 + index, mask: randomMask(width: width, height: height, using: &generator),
      predictedIoU: Double.random(in: 0...1, using: &generator), stabilityScore: 0.5,
      points: [Point(x: 0.5 + Double(index), y: 7)],
      cropBox: BoxXYWH(x: 0, y: 0, width: Double(width), height: Double(height)))
  }
  return SA1BRecord(
    imageID: Int(seed), width: width, height: height, fileName: "photo-\(seed).png", annotations: annotations)
}

/// A picture of one colour.
func picture(width: Int, height: Int, level: UInt8 = 90) throws -> [UInt8] {
  try Image(width: width, height: height, pixels: [UInt8](repeating: level, count: width * height * 3))
    .encoded(as: .png)
}

/// Text as JSON of SA-1B.
func parse(_ text: String) throws(DatasetError) -> SA1BRecord {
  try Array(text.utf8).withUnsafeBytes { bytes in
    Result { () throws(DatasetError) in try SA1BRecord(parsing: bytes, name: "x.json") }
  }.get()
}

/// Writes a file, and the folders above it.
func write(_ bytes: [UInt8], to path: String) throws {
  let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  try Data(bytes).write(to: URL(filePath: path))
}
