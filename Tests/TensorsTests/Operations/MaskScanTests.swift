import TestSupport
import Testing

@testable import Tensors

/// Masks made where there is something, and counted at shifted thresholds, against those made whole.
@Suite("Scanning masks")
struct MaskScanTests {
  struct Form: CustomTestStringConvertible, Sendable {
    var low: Int, size: Int, inputWidth: Int, inputHeight: Int, width: Int, height: Int
    var testDescription: String { "\(low) to \(size), \(inputWidth)x\(inputHeight), to \(width)x\(height)" }
  }

  static let forms = [
    Form(low: 256, size: 1024, inputWidth: 1024, inputHeight: 683, width: 1500, height: 1000),
    Form(low: 96, size: 384, inputWidth: 256, inputHeight: 384, width: 333, height: 500),
    Form(low: 64, size: 256, inputWidth: 256, inputHeight: 3, width: 900, height: 10),
    Form(low: 64, size: 256, inputWidth: 1, inputHeight: 256, width: 1, height: 70),
    Form(low: 30, size: 120, inputWidth: 120, inputHeight: 120, width: 1, height: 1),
    Form(low: 24, size: 24, inputWidth: 24, inputHeight: 20, width: 24, height: 20),
  ]

  @Test(arguments: forms) func aScanFindsWhatWholeMasksHold(_ form: Form) throws {
    let upsampling = MaskUpsampling(
      lowResolutionSize: form.low, imageSize: form.size, inputWidth: form.inputWidth,
      inputHeight: form.inputHeight, width: form.width, height: form.height)
    var random = SplitMix64(seed: UInt64(form.low + form.width))
    for round in 0..<24 {
      let logits = Self.blobs(form.low, count: round % 4, random: &random)
      let offset = Float([0, 0.5, 1, 3][round / 4 % 4])
      let scanned = upsampling.scan(logits, offset: offset)
      let planes = logits.reshaped([1, form.low, form.low])
      let mask = upsampling.masks(planes)[0]
      #expect(Self.unpacked(scanned, width: form.width, height: form.height) == mask)
      #expect(scanned.areaAbove == upsampling.masks(planes, threshold: offset)[0].count { $0 == 1 })
      #expect(scanned.areaBelow == upsampling.masks(planes, threshold: -offset)[0].count { $0 == 1 })
    }
  }

  @Test func whatIsEmptyIsNotStored() {
    let upsampling = MaskUpsampling(
      lowResolutionSize: 64, imageSize: 256, inputWidth: 256, inputHeight: 256, width: 30_000, height: 30_000)
    var values = [Float](repeating: -9, count: 64 * 64)
    let nothing = upsampling.scan(Tensor(values, shape: [64, 64]), offset: 1)
    #expect(nothing.bits.isEmpty && nothing.rows.isEmpty && nothing.columns.isEmpty)
    #expect(nothing.stability.isNaN)
    values[64 * 10 + 20] = 9
    let spot = upsampling.scan(Tensor(values, shape: [64, 64]), offset: 1)
    #expect(spot.rows.count < 1500 && spot.columns.count < 1500)
    #expect(spot.stability > 0 && spot.stability < 1)
  }

  @Test func aMaskInThePaddingIsEmpty() {
    let upsampling = MaskUpsampling(
      lowResolutionSize: 16, imageSize: 64, inputWidth: 64, inputHeight: 20, width: 64, height: 20)
    var values = [Float](repeating: -9, count: 16 * 16)
    values[16 * 14 + 3] = 50
    let scanned = upsampling.scan(Tensor(values, shape: [16, 16]), offset: 1)
    #expect(scanned.bits.allSatisfy { $0 == 0 } && scanned.areaBelow == 0)
  }

  /// A background with bumps.
  private static func blobs(_ side: Int, count: Int, random: inout SplitMix64) -> Tensor {
    var values = (0..<side * side).map { _ in Float.random(in: -12 ... -8, using: &random) }
    for _ in 0..<count {
      let (x, y) = (Int.random(in: 0..<side, using: &random), Int.random(in: 0..<side, using: &random))
      let radius = Int.random(in: 0...max(1, side / 4), using: &random)
      for row in max(0, y - radius)...min(side - 1, y + radius) {
        for column in max(0, x - radius)...min(side - 1, x + radius) {
          values[row * side + column] = Float.random(in: -2...9, using: &random)
        }
      }
    }
    return Tensor(values, shape: [side, side])
  }

  private static func unpacked(_ mask: ScannedMask, width: Int, height: Int) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: width * height)
    let words = (mask.columns.count + 63) / 64
    for (line, row) in mask.rows.enumerated() {
      for (index, column) in mask.columns.enumerated() {
        result[row * width + column] = UInt8(mask.bits[line * words + index / 64] >> UInt64(index % 64) & 1)
      }
    }
    return result
  }
}
