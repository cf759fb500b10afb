import Foundation
import Tensors

/// The naive forms: each operation as its definition reads, in double precision.
enum Oracle {
  static func gelu(_ x: Double) -> Double { 0.5 * x * erfc(-x / 2.0.squareRoot()) }

  /// The product of two vectors of floats.
  static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Approximate {
    var (sum, magnitude) = (0.0, 0.0)
    for index in 0..<count {
      let term = Double(a[index]) * Double(b[index])
      sum += term
      magnitude += abs(term)
    }
    return .sum(sum, terms: count, magnitude: magnitude)
  }

  /// Some rows of activation(x · Wᵀ + b) + residual.
  static func linear(
    _ x: [Float], inputs: Int, _ weight: [Float], _ bias: [Float]?, _ activation: Activation,
    _ residual: [Float]?,
    rows: [Int]
  ) -> Expected {
    let outputs = weight.count / max(1, inputs)
    var expected = Expected()
    x.withUnsafeBufferPointer { x in
      weight.withUnsafeBufferPointer { w in
        guard let x = x.baseAddress, let w = w.baseAddress else { return }
        for row in rows {
          for output in 0..<outputs {
            var y = dot(x + row * inputs, w + output * inputs, inputs)
            if let bias { y = y + .exact(bias[output]) }
            y = y.activated(activation)
            if let residual { y = y + .exact(residual[row * outputs + output]) }
            expected.append(y)
          }
        }
      }
    }
    return expected
  }

  /// Some rows of activation((x − mean) / √(variance + ε) · weight + bias).
  static func layerNorm(
    _ x: [Float], _ weight: [Float], _ bias: [Float], epsilon: Float, _ activation: Activation, rows: [Int]
  ) -> Expected {
    let channels = weight.count
    var expected = Expected()
    for row in rows {
      let values = x[row * channels..<(row + 1) * channels].map(Double.init)
      let mean = values.reduce(0, +) / Double(channels)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(channels)
      let scale = 1 / (variance + Double(epsilon)).squareRoot()
      let roundings = (4 + Double(channels).squareRoot() / 4) * Approximate.rounding
      for channel in 0..<channels {
        let normal = (values[channel] - mean) * scale
        let w = Double(weight[channel])
        // Of the sums and the square root; and of the mean, which counts in units of the deviation.
        let error = roundings * (1 + abs(normal)) + roundings * abs(mean) * scale
        let y = Approximate(value: normal * w, tolerance: error * abs(w)) + .exact(bias[channel])
        expected.append(y.activated(activation))
      }
    }
    return expected
  }

  /// softmax(scores) · values for one query. Scores of −infinity weigh nothing.
  ///
  /// `repeated` keys are the same: the roundings of a sum of equal terms are not random but all of one sign.
  static func weighted(
    _ scores: [Approximate], _ values: (Int) -> UnsafePointer<Float>, width: Int, repeated: Int = 0,
    into expected: inout Expected
  ) {
    let largest = scores.map(\.value).max() ?? 0
    let weights = scores.map { exp($0.value - largest) }
    let sum = weights.reduce(0, +)
    // An error of a score is a relative error of its weight, once above and once below the fraction.
    let scoreError = zip(scores, weights).map { $0.tolerance * $1 / sum }.reduce(0, +)
    let summing = (4 + Double(scores.count).squareRoot() / 4 + Double(repeated) / 2) * Approximate.rounding
    let error = 2 * (scoreError + Approximate.exponentialError) + summing
    for channel in 0..<width {
      var (total, magnitude) = (0.0, 0.0)
      for (key, weight) in weights.enumerated() {
        let term = weight / sum * Double(values(key)[channel])
        total += term
        magnitude += abs(term) * (1 + scores[key].tolerance / error)
      }
      expected.append(Approximate(value: total, tolerance: error * magnitude))
    }
  }

  /// Some rows (batch x queries) of multi-head attention.
  static func attention(
    _ q: [Float], _ k: [Float], _ v: [Float], batch: Int, queries: Int, keys: Int, heads: Int, bias: [Float]?,
    rows: [Int]
  ) -> Expected {
    let channels = q.count / (batch * queries)
    let (width, keyBatch) = (channels / heads, k.count / (keys * channels))
    let valueChannels = v.count / (keyBatch * keys)
    let valueWidth = valueChannels / heads
    let scale = 1 / Double(width).squareRoot()
    var expected = Expected()
    q.withUnsafeBufferPointer { q in
      k.withUnsafeBufferPointer { k in
        v.withUnsafeBufferPointer { v in
          guard let q = q.baseAddress, let k = k.baseAddress, let v = v.baseAddress else { return }
          for row in rows {
            let (item, query) = (row / queries % keyBatch, row % queries)
            for head in 0..<heads {
              let scores = (0..<keys).map { key -> Approximate in
                let asked = q + row * channels + head * width
                let answered = k + (item * keys + key) * channels + head * width
                let score = dot(asked, answered, width) * scale
                guard let bias else { return score }
                return score + .exact(bias[(head * queries + query) * keys + key])
              }
              weighted(
                scores, { v + (item * keys + $0) * valueChannels + head * valueWidth }, width: valueWidth,
                into: &expected)
            }
          }
        }
      }
    }
    return expected
  }
}
