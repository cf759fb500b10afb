/// The weights of a resize along one axis, as Pillow's BILINEAR defines them: a triangle of one source pixel's
/// half-width, widened by the scale where the axis shrinks, normalised, and rounded to multiples of 2^-22.
struct ResizeWeights {
  /// For each output: the first input, and how many.
  let spans: [(first: Int, count: Int)]
  /// `stride` weights for each output, of which the span's count are used.
  let weights: [Int32]
  let stride: Int

  init(from input: Int, to output: Int) {
    let scale = Double(input) / Double(output)
    let support = max(scale, 1)
    let stride = Int(support.rounded(.up)) * 2 + 1
    var spans: [(first: Int, count: Int)] = []
    spans.reserveCapacity(output)
    var weights = [Int32](repeating: 0, count: output * stride)
    var values = [Double](repeating: 0, count: stride)
    for index in 0..<output {
      let center = (Double(index) + 0.5) * scale
      // Truncation, not floor, is the definition.
      let first = max(Int(center - support + 0.5), 0)
      let end = min(Int(center + support + 0.5), input)
      let count = end - first
      var sum = 0.0
      for tap in 0..<count {
        let distance = abs((Double(first + tap) - center + 0.5) * (1 / support))
        values[tap] = distance < 1 ? 1 - distance : 0
        sum += values[tap]
      }
      for tap in 0..<count {
        let weight = sum == 0 ? values[tap] : values[tap] / sum
        weights[index * stride + tap] = Int32(0.5 + weight * Double(1 << 22))
      }
      spans.append((first, count))
    }
    self.spans = spans
    self.weights = weights
    self.stride = stride
  }
}
