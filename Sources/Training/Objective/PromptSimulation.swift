internal import Statistics

/// How prompts are made up from a ground-truth mask, round after round (paper, section 3 and appendix A).
public struct PromptSimulation: Sendable, Equatable, Codable {
  /// The probability that the first prompt is the box and not a point.
  public var boxProbability: Double = 0.5
  /// The deviation of a box's noise in shares of its sides, and its limit in pixels of the model input.
  public var boxNoise: Double = 0.1
  /// See ``boxNoise``.
  public var boxNoiseLimit: Double = 20
  /// Rounds that each add a point from the error region: drawn between the two numbers for each image.
  public var pointRounds: ClosedRange<Int> = 8...8
  /// Rounds without a new point: one at a random place among the others, the further ones last.
  public var emptyRounds: Int = 2

  /// The paper's eleven rounds.
  public init() {}

  /// Which rounds follow the first: true where a point is added.
  func rounds(_ random: inout SplitMix64) -> [Bool] {
    let points = pointRounds.lowerBound + random.index(below: pointRounds.count)
    var rounds = [Bool](repeating: true, count: points)
    for index in 0..<emptyRounds {
      if index == 0, emptyRounds > 1 {
        rounds.insert(false, at: random.index(below: points + 1))
      } else {
        rounds.append(false)
      }
    }
    return rounds
  }

  /// A box with noise, within the picture.
  ///
  /// - Parameters:
  ///   - box: left, top, right, bottom in pixels of the model input.
  ///   - width: of the picture in the model input.
  ///   - height: see `width`.
  func noisyBox(
    _ box: (Double, Double, Double, Double), width: Double, height: Double, _ random: inout SplitMix64
  ) -> (Double, Double, Double, Double) {
    func noise(_ side: Double) -> Double {
      let deviation = boxNoise * side
      return min(max(random.normal() * deviation, -boxNoiseLimit), boxNoiseLimit)
    }
    let (w, h) = (box.2 - box.0, box.3 - box.1)
    let left = min(max(box.0 + noise(w), 0), width), top = min(max(box.1 + noise(h), 0), height)
    let right = min(max(box.2 + noise(w), 0), width), bottom = min(max(box.3 + noise(h), 0), height)
    return (min(left, right), min(top, bottom), max(left, right), max(top, bottom))
  }
}
