internal import Kernels

/// y = activation(x · B + bias) + residual for a B that has been packed into panels, block of rows by block of rows.
///
/// A block of x is packed once and stays in the second-level cache while the panels of B pass by; what follows
/// the product is applied to a block's part of each panel while it is in the first-level cache.
struct PackedProduct: Sendable {
  let depth: Int
  let columns: Int
  /// For each block of the depth, the panels of that block's rows of B.
  private let packed: Tensor
  private let product: PanelProduct

  /// Rows of x worked on together; a multiple of every instruction set's panel.
  static let rowBlock = 96
  /// Rows of B worked on together.
  static let depthBlock = 768

  private static var panelColumns: Int { VectorKernels.best.panel_columns }
  private var panels: Int { (columns + PackedProduct.panelColumns - 1) / PackedProduct.panelColumns }

  /// Packs the transpose of `weight`, columns x depth; halves are converted on the way.
  init(transposed weight: Tensor, columns: Int, depth: Int, on compute: Compute) {
    self.columns = columns
    self.depth = depth
    product = PanelProduct(compute)
    let product = product
    let width = PackedProduct.panelColumns
    let panels = (columns + width - 1) / width
    packed = Tensor(uninitialized: [panels * width * depth], on: compute)
    nonisolated(unsafe) let out = packed.start
    /// Calls `pack` for parts of the weights: where a part begins, its columns and depth, and where it goes.
    func forEachPart(_ pack: @Sendable (Int, Int, Int, UnsafeMutablePointer<Float>) -> Void) {
      compute.forEachRange(of: panels, atLeast: Swift.max(1, (1 << 15) / Swift.max(1, width * depth))) {
        range in
        let last = Swift.min(columns, range.upperBound * width)
        for first in stride(from: 0, to: depth, by: PackedProduct.depthBlock) {
          let count = Swift.min(PackedProduct.depthBlock, depth - first)
          let place = out + first * panels * width + range.lowerBound * width * count
          pack(range.lowerBound * width * depth + first, last - range.lowerBound * width, count, place)
        }
      }
    }
    let done: Void? = weight.withHalves { weight in
      nonisolated(unsafe) let weight = weight
      forEachPart { product.packTransposed(weight + $0, stride: depth, columns: $1, depth: $2, into: $3) }
    }
    guard done == nil else { return }
    weight.withPointer { weight in
      nonisolated(unsafe) let weight = weight
      forEachPart { product.packTransposed(weight + $0, stride: depth, columns: $1, depth: $2, into: $3) }
    }
  }

  #if !hasFeature(Embedded)
    /// Packs `matrix`, depth x columns.
    init(_ matrix: Tensor, columns: Int, depth: Int, on compute: Compute) {
      self.columns = columns
      self.depth = depth
      product = PanelProduct(compute)
      let product = product
      let width = PackedProduct.panelColumns
      let panels = (columns + width - 1) / width
      packed = Tensor(uninitialized: [panels * width * depth], on: compute)
      matrix.withPointer { matrix in
        nonisolated(unsafe) let (matrix, out) = (matrix, packed.start)
        compute.forEachRange(of: panels, atLeast: Swift.max(1, (1 << 15) / Swift.max(1, width * depth))) {
          range in
          let at = range.lowerBound * width
          let last = Swift.min(columns, range.upperBound * width)
          for first in stride(from: 0, to: depth, by: PackedProduct.depthBlock) {
            let count = Swift.min(PackedProduct.depthBlock, depth - first)
            let place = out + first * panels * width + at * count
            product.pack(
              .matrix(matrix, stride: columns), depth: first..<first + count, columns: at..<last, into: place)
          }
        }
      }
    }
  #endif

  /// What is applied to a finished block.
  struct Epilogue: @unchecked Sendable {
    var bias: UnsafePointer<Float>?
    var activation: Activation
    /// Rows as those of the result.
    var residual: UnsafePointer<Float>?
    /// Gets what the activation is applied to, for the way back; rows as those of the result.
    var kept: UnsafeMutablePointer<Float>?
    var isIdentity: Bool { bias == nil && activation == .identity && residual == nil && kept == nil }

    @inline(__always)
    func apply(
      to out: UnsafeMutablePointer<Float>, at: Int, column: Int, columns: Int, rows: Int, width: Int
    ) {
      #if !hasFeature(Embedded)
        if let kept {
          VectorKernels.training.bias_activation_keeping(
            out + at, columns, bias.map { $0 + column }, residual.map { $0 + at }, columns,
            activation.rawValue, kept + at, columns, rows, width)
          return
        }
      #endif
      VectorKernels.best.bias_activation(
        out + at, columns, bias.map { $0 + column }, residual.map { $0 + at }, columns, activation.rawValue,
        rows, width)
    }
  }

  /// Computes all rows.
  ///
  /// - Parameters:
  ///   - x: `rows` of them.
  ///   - out: rows x columns.
  func multiply(
    _ x: ProductRows, rows: Int, into out: UnsafeMutablePointer<Float>, epilogue: Epilogue,
    on compute: Compute
  ) {
    let rowBlocks = (rows + PackedProduct.rowBlock - 1) / PackedProduct.rowBlock
    // Few blocks of rows: the columns are shared out as well, so that every thread has something to do.
    // Nor more tasks than are worth waking a thread for.
    let worthwhile = Swift.max(1, rows * columns * depth >> 21)
    let wanted = Swift.min(worthwhile, (4 * compute.threads + rowBlocks - 1) / Swift.max(1, rowBlocks))
    let panelsPerGroup = Swift.max(1, panels / Swift.max(1, wanted))
    let groups = (panels + panelsPerGroup - 1) / panelsPerGroup
    nonisolated(unsafe) let out = out
    compute.forEach(rowBlocks * groups) { task in
      let first = task / groups * PackedProduct.rowBlock
      let count = Swift.min(PackedProduct.rowBlock, rows - first)
      let group = task % groups * panelsPerGroup
      compute.withScratch(blockSize) { block in
        multiply(
          x, rows: first..<first + count, panels: group..<Swift.min(panels, group + panelsPerGroup),
          into: out,
          epilogue: epilogue, block: block)
      }
    }
  }

  /// Floats of a packed block of rows.
  var blockSize: Int { PackedProduct.rowBlock * Swift.min(depth, PackedProduct.depthBlock) }

  /// Computes some rows on the calling thread, block by block.
  ///
  /// - Parameters:
  ///   - rows: of x and of the result.
  ///   - out: where row 0 of the result is or would be.
  ///   - block: scratch memory, ``blockSize`` floats.
  func multiply(
    _ x: ProductRows, rows: Range<Int>, into out: UnsafeMutablePointer<Float>, epilogue: Epilogue,
    block: UnsafeMutablePointer<Float>
  ) {
    for first in stride(from: rows.lowerBound, to: rows.upperBound, by: PackedProduct.rowBlock) {
      multiply(
        x, rows: first..<Swift.min(rows.upperBound, first + PackedProduct.rowBlock), panels: 0..<panels,
        into: out, epilogue: epilogue, block: block)
    }
  }

  /// Computes some panels' columns of one block of rows.
  @inline(__always)
  private func multiply(
    _ x: ProductRows, rows: Range<Int>, panels range: Range<Int>, into out: UnsafeMutablePointer<Float>,
    epilogue: Epilogue, block: UnsafeMutablePointer<Float>
  ) {
    let width = PackedProduct.panelColumns
    packed.withPointer { packed in
      for from in stride(from: 0, to: depth, by: PackedProduct.depthBlock) {
        let part = Swift.min(PackedProduct.depthBlock, depth - from)
        product.pack(x, rows: rows, depth: from..<from + part, into: block)
        // After the last panel come the first of the next depths, or those of the next block of rows.
        let next = from + part < depth ? from + part : 0
        let first =
          packed + next * panels * width + range.lowerBound * width
          * Swift.min(PackedProduct.depthBlock, depth - next)
        product.multiplying {
          for panel in range {
            let column = panel * width
            let used = Swift.min(width, columns - column)
            let at = rows.lowerBound * columns + column
            let b = packed + from * panels * width + panel * width * part
            product.multiply(
              block, b, depth: part, into: out + at, stride: columns, accumulates: from > 0,
              rows: rows.count, columns: used, ahead: panel + 1 < range.upperBound ? b + width * part : first)
            if from + part == depth, !epilogue.isIdentity {
              epilogue.apply(to: out, at: at, column: column, columns: columns, rows: rows.count, width: used)
            }
          }
        }
      }
    }
  }
}
