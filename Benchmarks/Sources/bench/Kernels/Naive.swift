internal import Foundation
internal import Tensors

/// The operations as their definitions read: one thread, one number after the other. Each computes the first `rows` rows of the
/// result (all dimensions but the innermost, flattened). What is right is the tests' business; here the point is what
/// the package's forms gain.
enum Naive {
  /// Keeps the compiler from leaving out what nobody reads.
  @inline(never)
  static func keep(_ value: Float) {
    if value == .infinity { print("a naive form overflowed") }
  }

  static func linear(_ x: Tensor, _ weight: Tensor, _ bias: Tensor, rows: Int) {
    let (inputs, outputs) = (weight.shape[1], weight.shape[0])
    x.withUnsafeBuffer { x in
      weight.withUnsafeBuffer { w in
        bias.withUnsafeBuffer { b in
          for row in 0..<rows {
            for output in 0..<outputs {
              var sum = b[output]
              for input in 0..<inputs { sum += x[row * inputs + input] * w[output * inputs + input] }
              keep(sum)
            }
          }
        }
      }
    }
  }

  static func gridAttention(
    _ qkv: Tensor, heads: Int, window: Int, padding: Tensor, relative: Tensor?, bias: Tensor?, rows: Int
  ) {
    let (side, channels) = (qkv.shape[1], qkv.shape[3] / 3)
    let depth = channels / heads
    let scale = 1 / Float(depth).squareRoot()
    let (table, bias) = (relative?.elements, bias?.elements)
    var scores = [Float](repeating: 0, count: window * window)
    qkv.withUnsafeBuffer { qkv in
      padding.withUnsafeBuffer { padding in
        for token in 0..<rows {
          let (y, x) = (token / side, token % side)
          let (top, left) = (y / window * window, x / window * window)
          for head in 0..<heads {
            let query = token * 3 * channels + head * depth
            for key in 0..<window * window {
              let (i, j) = (key / window, key % window)
              let isInside = top + i < side && left + j < side
              let at =
                (isInside ? ((top + i) * side + left + j) * 3 * channels : 0) + channels + head * depth
              var score: Float = 0
              for c in 0..<depth {
                score += qkv[query + c] * (isInside ? qkv[at + c] : padding[at + c])
              }
              score *= scale
              if let table {
                // Both directions share the table here; the work is the same.
                for distance in [window - 1 + y - top - i, window - 1 + x - left - j] {
                  for c in 0..<depth { score += qkv[query + c] * table[distance * depth + c] }
                }
              } else if let bias {
                let own = (y - top) * window + x - left
                score += bias[(head * window * window + own) * window * window + key]
              }
              scores[key] = score
            }
            softmax(&scores)
            for c in 0..<depth {
              var sum: Float = 0
              for key in 0..<window * window {
                let (i, j) = (top + key / window, left + key % window)
                let at = 2 * channels + head * depth + c
                sum +=
                  scores[key] * (i < side && j < side ? qkv[(i * side + j) * 3 * channels + at] : padding[at])
              }
              keep(sum)
            }
          }
        }
      }
    }
  }

  static func attention(_ q: Tensor, _ k: Tensor, _ v: Tensor, heads: Int, rows: Int) {
    let (keys, channels) = (k.shape[1], k.shape[2])
    let depth = channels / heads
    let scale = 1 / Float(depth).squareRoot()
    var scores = [Float](repeating: 0, count: keys)
    q.withUnsafeBuffer { q in
      k.withUnsafeBuffer { k in
        v.withUnsafeBuffer { v in
          for row in 0..<rows {
            for head in 0..<heads {
              for key in 0..<keys {
                var score: Float = 0
                for c in head * depth..<(head + 1) * depth {
                  score += q[row * channels + c] * k[key * channels + c]
                }
                scores[key] = score * scale
              }
              softmax(&scores)
              for c in head * depth..<(head + 1) * depth {
                var sum: Float = 0
                for key in 0..<keys { sum += scores[key] * v[key * channels + c] }
                keep(sum)
              }
            }
          }
        }
      }
    }
  }

  private static func softmax(_ scores: inout [Float]) {
    let largest = scores.max() ?? 0
    var sum: Float = 0
    for index in scores.indices {
      scores[index] = exp(scores[index] - largest)
      sum += scores[index]
    }
    for index in scores.indices { scores[index] /= sum }
  }

  static func convolution(
    _ x: Tensor, _ weight: Tensor, _ bias: Tensor, stride: Int, padding: Int, rows: Int
  ) {
    let (side, inputs, kernel, outputs) = (x.shape[1], x.shape[3], weight.shape[1], weight.shape[0])
    let width = (side + 2 * padding - kernel) / stride + 1
    x.withUnsafeBuffer { x in
      weight.withUnsafeBuffer { w in
        bias.withUnsafeBuffer { b in
          for pixel in 0..<rows {
            let (top, left) = (pixel / width * stride - padding, pixel % width * stride - padding)
            for output in 0..<outputs {
              var sum = b[output]
              for i in 0..<kernel where top + i >= 0 && top + i < side {
                for j in 0..<kernel where left + j >= 0 && left + j < side {
                  let from = ((top + i) * side + left + j) * inputs
                  let at = ((output * kernel + i) * kernel + j) * inputs
                  for c in 0..<inputs { sum += x[from + c] * w[at + c] }
                }
              }
              keep(sum)
            }
          }
        }
      }
    }
  }

  static func depthwise(_ x: Tensor, _ weight: Tensor, _ bias: Tensor, stride: Int, rows: Int) {
    let (side, channels) = (x.shape[1], x.shape[3])
    let width = (side - 1) / stride + 1
    x.withUnsafeBuffer { x in
      weight.withUnsafeBuffer { w in
        bias.withUnsafeBuffer { b in
          for pixel in 0..<rows {
            let (top, left) = (pixel / width * stride - 1, pixel % width * stride - 1)
            for c in 0..<channels {
              var sum = b[c]
              for i in 0..<3 where top + i >= 0 && top + i < side {
                for j in 0..<3 where left + j >= 0 && left + j < side {
                  sum += x[((top + i) * side + left + j) * channels + c] * w[(i * 3 + j) * channels + c]
                }
              }
              keep(sum)
            }
          }
        }
      }
    }
  }

  static func transposed(_ x: Tensor, _ weight: Tensor, _ bias: Tensor, rows: Int) {
    let (side, inputs, outputs) = (x.shape[1], x.shape[3], weight.shape[2])
    x.withUnsafeBuffer { x in
      weight.withUnsafeBuffer { w in
        bias.withUnsafeBuffer { b in
          for pixel in 0..<rows {
            let (row, column) = (pixel / (2 * side), pixel % (2 * side))
            let from = (row / 2 * side + column / 2) * inputs
            for output in 0..<outputs {
              let at = ((row % 2 * 2 + column % 2) * outputs + output) * inputs
              var sum = b[output]
              for c in 0..<inputs { sum += x[from + c] * w[at + c] }
              keep(sum)
            }
          }
        }
      }
    }
  }

  static func layerNorm(_ x: Tensor, _ weight: Tensor, _ bias: Tensor, rows: Int) {
    let channels = weight.count
    x.withUnsafeBuffer { x in
      weight.withUnsafeBuffer { w in
        bias.withUnsafeBuffer { b in
          for row in 0..<rows {
            let values = x[row * channels..<(row + 1) * channels]
            let mean = values.reduce(0, +) / Float(channels)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(channels)
            let scale = 1 / (variance + 1e-6).squareRoot()
            for c in 0..<channels { keep((x[row * channels + c] - mean) * scale * w[c] + b[c]) }
          }
        }
      }
    }
  }
}
