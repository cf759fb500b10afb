internal import Kernels

/// The way from the decoder's logits to the original image's pixels: bilinear to the square model input, cut to the
/// part that holds the image, bilinear to the original size (reference, `postprocess_masks`).
///
/// Rows are made one at a time, so that neither the model-sized nor (for masks) the original-sized logits are ever held.
public struct MaskUpsampling: Sendable {
  /// Side of the square low-resolution logits.
  public let lowResolutionSize: Int
  /// Size of the original image.
  public let width: Int, height: Int
  /// Side of the square model input.
  public let imageSize: Int
  /// Size of the part of the model input that holds the image.
  let inputWidth: Int, inputHeight: Int
  // From low resolution to the model input, and from there to the original image.
  let firstRows: LinearSampling, firstColumns: LinearSampling
  let secondRows: LinearSampling, secondColumns: LinearSampling

  /// - Parameters:
  ///   - lowResolutionSize: side of the square logits.
  ///   - imageSize: side of the square model input.
  ///   - inputWidth: pixels of the model input that hold the image; the rest is padding.
  ///   - inputHeight: the same for rows.
  ///   - width: of the original image.
  ///   - height: of the original image.
  public init(
    lowResolutionSize: Int, imageSize: Int, inputWidth: Int, inputHeight: Int, width: Int, height: Int
  ) {
    self.lowResolutionSize = lowResolutionSize
    self.imageSize = imageSize
    self.width = width
    self.height = height
    self.inputWidth = inputWidth
    self.inputHeight = inputHeight
    firstRows = LinearSampling(from: lowResolutionSize, to: imageSize)
    firstColumns = LinearSampling(from: lowResolutionSize, to: imageSize).prefix(inputWidth)
    secondRows = LinearSampling(from: inputHeight, to: height)
    secondColumns = LinearSampling(from: inputWidth, to: width)
  }

  /// Logits at the original size: masks x height x width from masks x low x low.
  public func logits(_ logits: Tensor) -> Tensor {
    let result = Tensor(uninitialized: [logits.shape[0], height, width], on: logits.compute)
    nonisolated(unsafe) let out = result.start
    forEachRow(of: logits) { mask, row, values in
      (out + (mask * height + row) * width).update(from: values, count: width)
    }
    return result
  }

  /// Binary masks at the original size, row-major: 1 where the logits are above `threshold`.
  public func masks(_ logits: Tensor, threshold: Float = 0) -> [[UInt8]] {
    (0..<logits.shape[0]).map { mask in
      [UInt8](unsafeUninitializedCapacity: width * height) { buffer, count in
        if let base = buffer.baseAddress {
          nonisolated(unsafe) let out = base
          forEachRow(of: logits[outermost: mask..<mask + 1]) { _, row, values in
            let line = out + row * width
            for column in 0..<width { line[column] = values[column] > threshold ? 1 : 0 }
          }
        }
        count = width * height
      }
    }
  }

  /// Binary masks at the original size as bits, an eighth of a byte for each pixel: bit x % 64 of word y · (width + 63) / 64 + x / 64
  /// is set where the logits are above `threshold`.
  public func bits(_ logits: Tensor, threshold: Float = 0) -> [[UInt64]] {
    let words = (width + 63) / 64
    return (0..<logits.shape[0]).map { mask in
      [UInt64](unsafeUninitializedCapacity: words * height) { buffer, count in
        if let base = buffer.baseAddress {
          nonisolated(unsafe) let out = base
          forEachRow(of: logits[outermost: mask..<mask + 1]) { _, row, values in
            VectorKernels.best.threshold(values, threshold, width, out + row * words)
          }
        }
        count = words * height
      }
    }
  }

  /// Numbers that making rows needs room for.
  var rowScratch: Int { 3 * inputWidth + 3 * width }

  /// Calls `body` with every row of every mask's logits at the original size, from several threads.
  private func forEachRow(of logits: Tensor, _ body: @Sendable (Int, Int, UnsafePointer<Float>) -> Void) {
    let compute = logits.compute
    let plane = lowResolutionSize * lowResolutionSize
    precondition(logits.count == logits.shape[0] * plane, "square logits of the configured size")
    logits.withPointer { x in
      nonisolated(unsafe) let x = x
      for mask in 0..<logits.shape[0] {
        compute.forEachRange(of: height, atLeast: 64) { range in
          compute.withScratch(rowScratch) { scratch in
            var rows = RowMaker(self, plane: x + mask * plane, scratch: scratch)
            for row in range { body(mask, row, rows.row(row)) }
          }
        }
      }
    }
  }
}

/// Makes rows of one mask in order, keeping what neighbouring rows share.
struct RowMaker {
  let upsampling: MaskUpsampling
  let plane: UnsafePointer<Float>
  /// The columns wanted, of the original and of the model input; others are left undefined.
  let columns: Range<Int>, inputColumns: Range<Int>
  // Two widened low-resolution rows, and the two original-width rows of the model input between which a row lies.
  private var narrow: CachedPair, wide: CachedPair
  let modelRow: UnsafeMutablePointer<Float>
  let result: UnsafeMutablePointer<Float>

  /// - Parameter scratch: ``MaskUpsampling/rowScratch`` numbers.
  init(
    _ upsampling: MaskUpsampling, plane: UnsafePointer<Float>, columns: Range<Int>? = nil,
    scratch: UnsafeMutablePointer<Float>
  ) {
    self.upsampling = upsampling
    self.plane = plane
    self.columns = columns ?? 0..<upsampling.width
    inputColumns = columns.map { upsampling.secondColumns.sources(of: $0) } ?? 0..<upsampling.inputWidth
    narrow = CachedPair(scratch, scratch + upsampling.inputWidth)
    modelRow = scratch + 2 * upsampling.inputWidth
    wide = CachedPair(modelRow + upsampling.inputWidth, modelRow + upsampling.inputWidth + upsampling.width)
    result = modelRow + upsampling.inputWidth + 2 * upsampling.width
  }

  mutating func row(_ row: Int) -> UnsafePointer<Float> {
    let rows = upsampling.secondRows
    let low = original(rows.low[row])
    let high = original(rows.high[row])
    let first = columns.lowerBound
    VectorKernels.best.interpolate_rows(
      low + first, high + first, rows.fraction[row], result + first, columns.count)
    return UnsafePointer(result)
  }

  /// A row of the model input, sampled at the original columns.
  private mutating func original(_ row: Int) -> UnsafePointer<Float> {
    if let held = wide.find(row) { return held }
    let rows = upsampling.firstRows
    let low = widened(rows.low[row])
    let high = widened(rows.high[row])
    let first = inputColumns.lowerBound
    VectorKernels.best.interpolate_rows(
      low + first, high + first, rows.fraction[row], modelRow + first, inputColumns.count)
    let slot = wide.replace(with: row)
    upsampling.secondColumns.sample(UnsafePointer(modelRow), into: slot, columns)
    return UnsafePointer(slot)
  }

  /// A low-resolution row, sampled at the columns of the model input.
  private mutating func widened(_ row: Int) -> UnsafePointer<Float> {
    if let held = narrow.find(row) { return held }
    let slot = narrow.replace(with: row)
    upsampling.firstColumns.sample(plane + row * upsampling.lowResolutionSize, into: slot, inputColumns)
    return UnsafePointer(slot)
  }
}

/// Two rows by number; the older one gives way to the next.
private struct CachedPair {
  private var rows = (-1, -1)
  private let slots: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)
  private var nextIsSecond = false

  init(_ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>) {
    slots = (first, second)
  }

  mutating func find(_ row: Int) -> UnsafePointer<Float>? {
    // What was asked for last must survive the next replacement.
    if rows.0 == row {
      nextIsSecond = true
      return UnsafePointer(slots.0)
    }
    if rows.1 == row {
      nextIsSecond = false
      return UnsafePointer(slots.1)
    }
    return nil
  }

  mutating func replace(with row: Int) -> UnsafeMutablePointer<Float> {
    defer { nextIsSecond.toggle() }
    if nextIsSecond {
      rows.1 = row
      return slots.1
    }
    rows.0 = row
    return slots.0
  }
}
