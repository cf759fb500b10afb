internal import Kernels

/// A matrix as a product takes it: rows that stand in memory, or the patches of images, one for each row.
enum ProductRows: @unchecked Sendable {
  /// Rows so many floats apart.
  case matrix(UnsafePointer<Float>, stride: Int)
  /// Of a batch, numbered through.
  case patches(SamPatches)
}

/// How a compute packs and multiplies panels: as they are, or rounded to bfloat16 in the processor's tiles.
struct PanelProduct: Sendable {
  #if !hasFeature(Embedded)
    private let tiles: SamTileKernels?

    init(_ compute: Compute) { tiles = compute.roundsProducts ? PanelProduct.tiles : nil }

    /// Those of this processor; nil where it has none.
    static let tiles: SamTileKernels? = sam_tile_kernels()?.pointee

    /// Those that take a depth.
    @inline(__always)
    private func tiles(_ depth: Int) -> SamTileKernels? {
      guard let tiles, depth >= tiles.least_depth else { return nil }
      return tiles
    }
  #else
    init(_ compute: Compute) {}
  #endif

  /// So many rows, and what fills up the last panel of A.
  func paddedRows(_ rows: Int) -> Int {
    var panel = VectorKernels.best.panel_rows
    #if !hasFeature(Embedded)
      // Depths that tiles do not take go by the others' panels.
      if let tiles { panel *= tiles.panel_rows }
    #endif
    return (rows + panel - 1) / panel * panel
  }

  // MARK: - Packing

  /// Panels of A: some rows, and some of the depth.
  @inline(__always)
  func pack(
    _ source: ProductRows, rows: Range<Int>, depth: Range<Int>, into packed: UnsafeMutablePointer<Float>
  ) {
    let best = VectorKernels.best
    #if !hasFeature(Embedded)
      let tiles = tiles(depth.count)
    #endif
    switch source {
    case .matrix(let start, let stride):
      let a = start + rows.lowerBound * stride + depth.lowerBound
      #if !hasFeature(Embedded)
        if let tiles { return tiles.pack_rows(a, stride, rows.count, depth.count, packed) }
      #endif
      best.pack_rows(a, stride, rows.count, depth.count, 1, packed)
    case .patches(let patches):
      withUnsafePointer(to: patches) {
        #if !hasFeature(Embedded)
          if let tiles {
            return tiles.pack_patches($0, rows.lowerBound, rows.count, depth.lowerBound, depth.count, packed)
          }
        #endif
        best.pack_patches($0, rows.lowerBound, rows.count, depth.lowerBound, depth.count, packed)
      }
    }
  }

  /// Panels of B, given as its transpose, columns x depth.
  @inline(__always)
  func packTransposed(
    _ b: UnsafePointer<Float>, stride: Int, columns: Int, depth: Int, into packed: UnsafeMutablePointer<Float>
  ) {
    #if !hasFeature(Embedded)
      if let tiles = tiles(depth) { return tiles.pack_transposed(b, stride, columns, depth, packed) }
    #endif
    VectorKernels.best.pack_transposed(b, stride, columns, depth, packed)
  }

  /// The same of halves.
  @inline(__always)
  func packTransposed(
    _ b: UnsafePointer<UInt16>, stride: Int, columns: Int, depth: Int,
    into packed: UnsafeMutablePointer<Float>
  ) {
    VectorKernels.best.pack_transposed_half(b, stride, columns, depth, packed)
    #if !hasFeature(Embedded)
      tiles(depth)?.round_columns(packed, columns, depth)
    #endif
  }

  #if !hasFeature(Embedded)
    /// Panels of A, given as its transpose, depth x rows.
    @inline(__always)
    func packRowsTransposed(
      _ a: UnsafePointer<Float>, stride: Int, rows: Int, depth: Int, into packed: UnsafeMutablePointer<Float>
    ) {
      if let tiles = tiles(depth) { return tiles.pack_rows_transposed(a, stride, rows, depth, packed) }
      VectorKernels.training.pack_rows_transposed(a, stride, rows, depth, packed)
    }

    /// Panels of B: some columns, and some rows, which are the depth.
    @inline(__always)
    func pack(
      _ source: ProductRows, depth: Range<Int>, columns: Range<Int>, into packed: UnsafeMutablePointer<Float>
    ) {
      let tiles = tiles(depth.count)
      switch source {
      case .matrix(let start, let stride):
        let b = start + depth.lowerBound * stride + columns.lowerBound
        if let tiles { return tiles.pack_columns(b, stride, columns.count, depth.count, packed) }
        VectorKernels.best.pack_columns(b, stride, columns.count, depth.count, packed)
      case .patches(let patches):
        withUnsafePointer(to: patches) {
          if let tiles {
            return tiles.pack_patch_columns(
              $0, depth.lowerBound, depth.count, columns.lowerBound, columns.count, packed)
          }
          VectorKernels.training.pack_patch_columns(
            $0, depth.lowerBound, depth.count, columns.lowerBound, columns.count, packed)
        }
      }
    }
  #endif

  // MARK: - Multiplying

  /// Calls `body`, which multiplies, on the calling thread alone.
  @inline(__always)
  func multiplying(_ body: () -> Void) {
    #if !hasFeature(Embedded)
      if let tiles {
        tiles.begin()
        body()
        tiles.end()
        return
      }
    #endif
    body()
  }

  /// Within ``multiplying(_:)``: panels of A by one panel of B, packed by this; see `SamKernels.multiply_panel`.
  /// Tiles read nothing ahead.
  @inline(__always)
  func multiply(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, depth: Int, into c: UnsafeMutablePointer<Float>,
    stride: Int, accumulates: Bool, rows: Int, columns: Int, ahead: UnsafePointer<Float>? = nil
  ) {
    #if !hasFeature(Embedded)
      if let tiles = tiles(depth) {
        return tiles.multiply_panel(a, b, depth, c, stride, accumulates ? 1 : 0, rows, columns)
      }
    #endif
    VectorKernels.best.multiply_panel(a, b, depth, c, stride, accumulates ? 1 : 0, rows, columns, ahead)
  }
}
