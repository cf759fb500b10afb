internal import Imaging
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
  /// Of so many pixels drawn at random the one that lies deepest in the object, or in what is wrong, becomes the point. With 1 all
  /// are as likely, as in the paper's training; people, and the paper's evaluation, point at the middle.
  public var innermostOf = 1

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

  /// Where a point goes: of ``innermostOf`` places drawn at random the deepest one.
  ///
  /// - Parameters:
  ///   - places: where it may go, one at least.
  ///   - region: what it lies deep in.
  ///   - cell: of a place its pixel in the region, in row order.
  func place<Place>(
    of places: [Place], in region: @autoclosure () -> Mask, cell: (Place) -> Int, _ random: inout SplitMix64
  ) -> Place {
    var chosen = places[random.index(below: places.count)]
    guard innermostOf > 1 else { return chosen }
    let depths = region().squaredDistances()
    for _ in 1..<innermostOf {
      let other = places[random.index(below: places.count)]
      if depths[cell(other)] > depths[cell(chosen)] { chosen = other }
    }
    return chosen
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
