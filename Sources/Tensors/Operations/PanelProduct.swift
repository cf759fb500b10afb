internal import Kernels

/// How a compute multiplies packed panels: as they are, or rounded to bfloat16 in the processor's tiles.
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

  /// To be called once for panels of A that have just been packed.
  @inline(__always)
  func prepareRows(_ packed: UnsafeMutablePointer<Float>, rows: Int, depth: Int) {
    #if !hasFeature(Embedded)
      tiles(depth)?.round_rows(packed, rows, depth)
    #endif
  }

  /// To be called once for panels of B that have just been packed.
  @inline(__always)
  func prepareColumns(_ packed: UnsafeMutablePointer<Float>, columns: Int, depth: Int) {
    #if !hasFeature(Embedded)
      tiles(depth)?.round_columns(packed, columns, depth)
    #endif
  }

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

  /// Within ``multiplying(_:)``: panels of A by one panel of B, both prepared: see `SamKernels.multiply_panel`.
  @inline(__always)
  func multiply(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, depth: Int, into c: UnsafeMutablePointer<Float>,
    stride: Int, accumulates: Bool, rows: Int, columns: Int
  ) {
    #if !hasFeature(Embedded)
      if let tiles = tiles(depth) {
        return tiles.multiply_panel(a, b, depth, c, stride, accumulates ? 1 : 0, rows, columns)
      }
    #endif
    VectorKernels.best.multiply_panel(a, b, depth, c, stride, accumulates ? 1 : 0, rows, columns)
  }
}
