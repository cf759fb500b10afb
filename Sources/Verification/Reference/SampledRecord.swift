internal import Tensors

/// What a file keeps of a tensor that is too large for it: some values, and statistics of all.
struct SampledRecord {
  let shape: [Int]
  let indices: [Int]
  let values: [Double]
  /// By name: `mean`, `std` (of the whole, not an estimate), `l2`, `min`, `max`; those that are there.
  let statistics: [(name: String, value: Double)]
  let source: ReferenceValue

  init(_ record: ReferenceValue) throws(VerificationError) {
    source = record
    shape = try record.member("shape").integers()
    values = try record.member("values").numbers()
    indices = try record.member("indices").integers()
    guard indices.count == values.count, !values.isEmpty else {
      throw record.unexpected("a record with as many indices as values")
    }
    var statistics: [(name: String, value: Double)] = []
    for name in ["mean", "std", "l2", "min", "max"] {
      if let value = try record[optional: name]?.number() { statistics.append((name, value)) }
    }
    self.statistics = statistics
  }

  /// How far a tensor lies from the record, in multiples of `unit`: at the samples, and in its statistics.
  ///
  /// Statistics are put on the scale of a single value, so that the same limit holds: the norm is divided by the
  /// root of the number of elements.
  ///
  /// - Parameter tensor: the whole tensor in the record's layout.
  func differences(
    from tensor: Tensor, unit: Double = 1
  ) throws(VerificationError) -> (samples: Difference, statistics: Difference) {
    guard tensor.shape.elementsEqual(shape) else {
      throw .inconsistent(
        path: source.path,
        what:
          "\(source.place) has shape \(shape.map(String.init).joined(separator: "x")), this build's is \(tensor.shape)"
      )
    }
    guard indices.allSatisfy({ (0..<tensor.count).contains($0) }) else {
      throw source.unexpected("a record with indices inside its shape")
    }
    var samples = tensor.withUnsafeBuffer { elements in
      Difference(indices.map { Double(elements[$0]) }, values)
    }
    samples.largest /= unit
    let own = TensorStatistics(tensor)
    var worst = Difference.none
    for (name, value) in statistics {
      let scale = name == "l2" ? Double(max(1, tensor.count)).squareRoot() : 1
      worst = worst.joined(
        Difference(largest: (own[name] - value).magnitude / scale / unit, relative: nil))
    }
    return (samples, Difference(largest: worst.largest))
  }

  /// The reference's standard deviation, which some limits are multiples of.
  func deviation() throws(VerificationError) -> Double {
    let value = try source.member("std").number()
    guard value > 0 else { throw source.unexpected("a record with a positive \"std\"") }
    return value
  }
}

/// Statistics of all of a tensor's elements, in double precision.
struct TensorStatistics {
  private var mean = 0.0, deviation = 0.0, norm = 0.0
  private var least = Double.infinity, greatest = -Double.infinity

  init(_ tensor: Tensor) {
    let count = Double(max(1, tensor.count))
    tensor.withUnsafeBuffer { elements in
      var (sum, squares) = (0.0, 0.0)
      var (low, high) = (Float.infinity, -Float.infinity)
      for element in elements {
        let value = Double(element)
        sum += value
        squares += value * value
        if element < low { low = element }
        if element > high { high = element }
      }
      mean = sum / count
      norm = squares.squareRoot()
      let centre = mean
      deviation = (elements.reduce(0) { $0 + (Double($1) - centre) * (Double($1) - centre) } / count)
        .squareRoot()
      (least, greatest) = (Double(low), Double(high))
    }
  }

  subscript(_ name: String) -> Double {
    switch name {
    case "mean": mean
    case "std": deviation
    case "l2": norm
    case "min": least
    default: greatest
    }
  }
}
