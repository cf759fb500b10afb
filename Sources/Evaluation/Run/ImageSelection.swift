internal import Statistics

/// Which images of a dataset are measured.
public enum ImageSelection {
  /// Images drawn at random, in the dataset's order; all where no more are allowed than there are.
  ///
  /// - Parameters:
  ///   - limit: how many at most; nil for all.
  ///   - count: how many there are.
  public static func drawn(_ limit: Int?, of count: Int, seed: UInt64) -> [Int] {
    guard let limit, limit < count else { return Array(0..<count) }
    var random = SplitMix64(seed: seed)
    return random.sample(limit, of: count).sorted()
  }

  /// The paper's subset of a large dataset: with more than 15,000 masks, images are drawn at random until they have 10,000; nil where
  /// the dataset is not that large.
  ///
  /// The paper says "about 10k masks"; here the image that reaches the number is the last.
  ///
  /// - Parameter masks: how many masks each image has.
  /// - Returns: the images in the dataset's order.
  public static func papersSubset(
    masks: [Int], above: Int = 15_000, until: Int = 10_000, seed: UInt64
  ) -> [Int]? {
    guard masks.reduce(0, +) > above else { return nil }
    var random = SplitMix64(seed: seed)
    var chosen: [Int] = []
    var count = 0
    for image in random.sample(masks.count, of: masks.count) {
      guard count < until else { break }
      chosen.append(image)
      count += masks[image]
    }
    return chosen.sorted()
  }
}
