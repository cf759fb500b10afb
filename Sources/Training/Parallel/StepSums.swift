internal import Tensors

/// What a batch came to: sums over its parts, taken in their order.
struct StepSums {
  /// Losses and IoUs.
  private(set) var outcome = Objective.Outcome()
  /// Gradients, and under the names of running averages what batch norms found, by the names of the model's tensors.
  private(set) var tensors: [String: Tensor] = [:]

  /// What one part of a batch came to.
  struct Part: Sendable {
    var outcome: Objective.Outcome
    /// As ``StepSums/tensors``.
    var tensors: [String: Tensor]
  }

  /// The sums of no parts.
  init() {}

  /// Adds the next part.
  mutating func add(_ part: Part) {
    outcome.add(part.outcome)
    for (name, tensor) in part.tensors {
      let gathered = tensors.removeValue(forKey: name)
      tensors[name] = gathered.map { $0.adding(tensor) } ?? tensor
    }
  }

  /// The sums of a batch whose parts are spread over processes: the same bits as if they were all here.
  ///
  /// - Parameters:
  ///   - parts: of this process.
  ///   - group: the processes.
  ///   - parameters: have the names and sizes of what parts may hold.
  init(
    _ parts: [Part], over group: any ProcessGroup, parameters: [String: Tensor]
  ) throws(ProcessGroupError) {
    var outcomes = [outcome.numbers]
    try group.fold(&outcomes) { _, numbers in
      for part in parts { numbers = zip(numbers, part.outcome.numbers).map { $0 + $1 } }
    }
    outcome = Objective.Outcome(numbers: outcomes[0])

    // What no part has a gradient for stays without one.
    let names = parameters.keys.sorted()
    var present: [[UInt8]] = [[UInt8](repeating: 0, count: names.count)]
    try group.fold(&present) { _, flags in
      for (index, name) in names.enumerated() where parts.contains(where: { $0.tensors[name] != nil }) {
        flags[index] = 1
      }
    }
    let buckets = StepSums.buckets(
      names.indices.filter { present[0][$0] == 1 }.map { (names[$0], parameters[names[$0]]?.count ?? 0) })
    // −0 and not 0: it leaves every number added to it as it is, −0 included.
    var sums = buckets.map { [Float](repeating: -0.0, count: $0.reduce(0) { $0 + $1.count }) }
    try group.fold(&sums) { index, sums in
      sums.withUnsafeMutableBufferPointer { sums in
        for part in parts {
          var begin = 0
          for (name, count) in buckets[index] {
            part.tensors[name]?.withUnsafeBuffer { values in
              for element in 0..<min(count, values.count) { sums[begin + element] += values[element] }
            }
            begin += count
          }
        }
      }
    }
    for (bucket, values) in zip(buckets, sums) {
      var begin = 0
      for (name, count) in bucket {
        guard let parameter = parameters[name] else { continue }
        tensors[name] = Tensor(values[begin..<begin + count], shape: parameter.shape)
        begin += count
      }
    }
  }

  /// Neighbours together in messages of a megabyte or more: a message for each small tensor would be mostly waiting.
  private static func buckets(_ sizes: [(name: String, count: Int)]) -> [[(name: String, count: Int)]] {
    var buckets: [[(name: String, count: Int)]] = []
    var filled = Int.max
    for item in sizes {
      if filled >= 1 << 18 {
        buckets.append([])
        filled = 0
      }
      buckets[buckets.count - 1].append(item)
      filled += item.count
    }
    return buckets
  }
}

extension Objective.Outcome {
  fileprivate init(numbers: [Double]) {
    self.init()
    (loss, firstIoU, lastIoU, iouError) = (numbers[0], numbers[1], numbers[2], numbers[3])
  }

  fileprivate var numbers: [Double] { [loss, firstIoU, lastIoU, iouError] }

  fileprivate mutating func add(_ other: Objective.Outcome) {
    self = Objective.Outcome(numbers: zip(numbers, other.numbers).map { $0 + $1 })
  }
}

/// Sums of parts that come in any order: each is added when those before it have been, and not kept, so that a batch of many parts
/// needs the memory of few.
struct OrderedSums {
  private(set) var sums = StepSums()
  private var next = 0
  private var waiting: [Int: StepSums.Part] = [:]

  /// Takes in the part of that number, from 0.
  mutating func add(_ part: StepSums.Part, at index: Int) {
    waiting[index] = part
    while let part = waiting.removeValue(forKey: next) {
      sums.add(part)
      next += 1
    }
  }
}
