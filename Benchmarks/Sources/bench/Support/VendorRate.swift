internal import Foundation
internal import VendorProduct

/// The yardstick: how fast the vendor's library multiplies a layer of a vision transformer.
struct VendorRate {
  private static let (rows, columns, depth) = (4096, 3072, 768)
  private let threads: Int
  private let a = [Float](repeating: 0.5, count: rows * depth)
  private let b = [Float](repeating: 0.25, count: depth * columns)
  private var c = [Float](repeating: 0, count: rows * columns)

  /// The vendor's product on so many threads.
  init(threads: Int) {
    self.threads = threads
    _ = measure()
  }

  /// GFLOPS of one product.
  mutating func measure() -> Double {
    let time = milliseconds {
      bench_vendor_product(
        VendorRate.rows, VendorRate.columns, VendorRate.depth, a, b, &c, Int32(threads))
    }
    // OpenBLAS's threads look for more work for a while before they sleep.
    usleep(50_000)
    return 2 * Double(VendorRate.rows * VendorRate.columns * VendorRate.depth) / time / 1e6
  }
}
