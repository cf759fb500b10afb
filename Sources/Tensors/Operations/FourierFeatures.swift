internal import Kernels

extension Tensor {
  /// Random Fourier features of locations (arXiv 2006.10739), the paper's positional encoding.
  ///
  /// This tensor is locations x 2, (x, y) in [0, 1].
  ///
  /// - Parameter matrix: 2 x features, Gaussian.
  /// - Returns: locations x 2·features: sines of 2π(2p − 1)·matrix, then cosines.
  public func fourierFeatures(_ matrix: Tensor) -> Tensor {
    let features = matrix.shape[1]
    precondition(shape.innermost == 2 && matrix.shape[0] == 2, "locations have two coordinates")
    let locations = shape.rows
    let result = Tensor(uninitialized: [locations, 2 * features], on: compute)
    withPointer { x in
      matrix.withPointer { g in
        nonisolated(unsafe) let (x, g, y) = (x, g, result.start)
        compute.forEachRange(of: locations, atLeast: 16) { range in
          sam_fourier_features(
            x + range.lowerBound * 2, range.count, g, features, y + range.lowerBound * 2 * features)
        }
      }
    }
    return result
  }
}
