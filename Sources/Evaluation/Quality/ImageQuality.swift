package import Datasets
package import Files

/// How two sets of masks of one image pair, with the masks' numbers.
package struct ImageQuality: Sendable, Equatable {
  /// A mask and its counterpart.
  package struct Pair: Sendable, Equatable {
    /// Positions among the first and the second image's annotations.
    package let first: Int, second: Int
    /// Their numbers.
    package let firstID: Int, secondID: Int
    /// How alike they are.
    package let iou: Double
  }

  /// The image's name.
  package let name: String
  /// Its positions in the first and in the second dataset.
  package let places: (first: Int, second: Int)
  /// The pairs, in the order of the first set.
  package let pairs: [Pair]
  /// The numbers of masks of the first and of the second set without a counterpart.
  package let onlyFirst: [Int], onlySecond: [Int]

  /// Pairs the masks of two samples of one image.
  ///
  /// - Throws: as ``MaskPairing`` does.
  package init(
    _ first: DatasetSample, _ second: DatasetSample, at places: (first: Int, second: Int),
    by rule: MaskPairing.Rule
  ) throws(DatasetError) {
    let pairing = try MaskPairing(first, second, by: rule)
    (name, self.places) = (first.name, places)
    pairs = pairing.pairs.map {
      Pair(
        first: $0.first, second: $0.second, firstID: first.annotations[$0.first].id,
        secondID: second.annotations[$0.second].id, iou: $0.iou)
    }
    onlyFirst = pairing.onlyFirst.map { first.annotations[$0].id }
    onlySecond = pairing.onlySecond.map { second.annotations[$0].id }
  }

  package static func == (left: ImageQuality, right: ImageQuality) -> Bool {
    left.name == right.name && left.places == right.places && left.pairs == right.pairs
      && left.onlyFirst == right.onlyFirst && left.onlySecond == right.onlySecond
  }
}

extension ImageQuality: KeptResult {
  package init?(journal: JSONValue) {
    guard let name = journal["name"]?.text, let places = journal["places"]?.integers, places.count == 2,
      let numbers = journal["pairs"]?.integers, let ious = journal["ious"]?.reals,
      numbers.count == 4 * ious.count, let onlyFirst = journal["only_first"]?.integers,
      let onlySecond = journal["only_second"]?.integers
    else { return nil }
    (self.name, self.places) = (name, (places[0], places[1]))
    (self.onlyFirst, self.onlySecond) = (onlyFirst, onlySecond)
    pairs = ious.enumerated().map { place, iou in
      Pair(
        first: numbers[4 * place], second: numbers[4 * place + 1], firstID: numbers[4 * place + 2],
        secondID: numbers[4 * place + 3], iou: iou)
    }
  }

  package var journal: JSONText {
    func list(_ values: [Int]) -> JSONText { .array(values.map(JSONText.integer)) }
    return .object([
      ("name", .string(name)), ("places", list([places.first, places.second])),
      ("pairs", list(pairs.flatMap { [$0.first, $0.second, $0.firstID, $0.secondID] })),
      ("ious", .array(pairs.map { .real($0.iou) })), ("only_first", list(onlyFirst)),
      ("only_second", list(onlySecond)),
    ])
  }
}
