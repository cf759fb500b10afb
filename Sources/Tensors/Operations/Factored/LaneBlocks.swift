internal import Kernels

/// An image's positions in blocks of 64, turned round within each: a channel of a block stands together, so that a vector holds
/// one channel of consecutive positions.
///
/// Products with a few tokens then need no packing, softmax over the tokens is vertical, and a factor of each
/// position is a vector. The last block's missing positions are zeros.
public struct LaneBlocks: Sendable {
  /// Positions in a block; a multiple of every instruction set's panel.
  static let lanes = 64

  /// Blocks x channels x 64.
  let storage: Tensor
  /// Positions.
  let count: Int
  let channels: Int

  var blocks: Int { storage.shape[0] }

  /// - Parameter x: positions x channels.
  public init(_ x: Tensor) {
    (count, channels) = (x.shape.rows, x.shape.innermost)
    let (count, channels) = (count, channels)
    let result = Tensor(
      uninitialized: [LaneBlocks.blocks(of: count), channels, LaneBlocks.lanes], on: x.compute)
    x.withPointer { x in
      nonisolated(unsafe) let (x, out) = (x, result.start)
      result.compute.forEach(result.shape[0]) { block in
        let first = block * LaneBlocks.lanes
        let size = Swift.min(LaneBlocks.lanes, count - first)
        let target = out + first * channels
        if size < LaneBlocks.lanes { target.update(repeating: 0, count: channels * LaneBlocks.lanes) }
        VectorKernels.best.transpose(
          x + first * channels, channels, size, channels, target, LaneBlocks.lanes)
      }
    }
    storage = result
  }

  static func blocks(of count: Int) -> Int { (count + lanes - 1) / lanes }
}
