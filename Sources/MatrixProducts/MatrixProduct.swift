#if canImport(COpenBLAS)
  import COpenBLAS
#elseif canImport(Accelerate)
  import Accelerate
#endif

/// C = alpha · A · B + beta · C on the calling thread, all row-major single precision.
///
/// The only place that knows BLAS: OpenBLAS on Linux, Accelerate on macOS. It runs on one thread, because the
/// caller splits its work in a way that keeps the result in cache for what follows the product.
///
/// - Parameters:
///   - rows: rows of C.
///   - columns: columns of C.
///   - depth: the inner size.
///   - a: `rows` x `depth`, or `depth` x `rows` when `transposeA`; `lda` floats from row to row.
///   - b: `depth` x `columns`, or `columns` x `depth` when `transposeB`; `ldb` floats from row to row.
///   - c: `rows` x `columns`; `ldc` floats from row to row. Not read when `beta` is 0.
@inline(__always)
public func matrixProduct(
  rows: Int, columns: Int, depth: Int, alpha: Float = 1,
  _ a: UnsafePointer<Float>, _ lda: Int, transposeA: Bool = false,
  _ b: UnsafePointer<Float>, _ ldb: Int, transposeB: Bool = false,
  beta: Float = 0, _ c: UnsafeMutablePointer<Float>, _ ldc: Int
) {
  guard rows > 0, columns > 0 else { return }
  #if canImport(COpenBLAS)
    _ = SingleThreadedBLAS.once
    cblas_sgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
      blasint(rows), blasint(columns), blasint(depth), alpha, a, blasint(lda), b, blasint(ldb), beta, c,
      blasint(ldc))
  #elseif canImport(Accelerate)
    cblas_sgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
      __LAPACK_int(rows), __LAPACK_int(columns), __LAPACK_int(depth), alpha, a, __LAPACK_int(lda), b,
      __LAPACK_int(ldb), beta, c, __LAPACK_int(ldc))
  #else
    for row in 0..<rows {
      for column in 0..<columns {
        var sum: Float = 0
        for inner in 0..<depth {
          sum +=
            (transposeA ? a[inner * lda + row] : a[row * lda + inner])
            * (transposeB ? b[column * ldb + inner] : b[inner * ldb + column])
        }
        c[row * ldc + column] = alpha * sum + (beta == 0 ? 0 : beta * c[row * ldc + column])
      }
    }
  #endif
}

#if canImport(COpenBLAS)
  private enum SingleThreadedBLAS {
    /// OpenBLAS's thread count belongs to the process; ours are split above it.
    static let once: Void = openblas_set_num_threads(1)
  }
#endif
