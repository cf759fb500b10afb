/// Scenes that are made, not photographed: things with parts and parts of parts, which hide one another, on all sorts of
/// ground. Scene `i` of a seed is the same on every machine, and costs a few milliseconds.
///
/// ```swift
/// let scenes = SyntheticScenes(count: 10_000, seed: 7)
/// let scene = scenes.scene(at: 0)
/// scene.masks.count     // wholes and parts
/// scene.wholes[1]       // which mask the second one is part of
/// ```
///
/// A ``DatasetSource`` like any other: training can mix it with photos, and a test has masks that are right to the
/// pixel. A point on a part means the part or its whole, which is what a model has to learn for its three answers.
public struct SyntheticScenes: Sendable {
  /// What the scenes look like.
  public enum Arrangement: Sendable {
    /// All sorts: one large thing, a table full, many of a kind, shapes over one another; crowded ones among them.
    case mixed
    /// Up to three large things with parts, side by side, with nothing before them.
    case nested
  }

  /// Scenes in the set.
  public let count: Int
  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Which set it is.
  public let seed: UInt64
  /// What the scenes look like.
  public let arrangement: Arrangement

  /// A set of scenes.
  ///
  /// - Parameters:
  ///   - count: how many there are.
  ///   - width: of each in pixels, held to 16…4096.
  ///   - height: the same for rows.
  ///   - seed: other seeds make other scenes.
  ///   - arrangement: what they look like.
  public init(
    count: Int, width: Int = 256, height: Int = 256, seed: UInt64 = 0, arrangement: Arrangement = .mixed
  ) {
    self.count = max(0, count)
    self.width = min(max(width, 16), 4096)
    self.height = min(max(height, 16), 4096)
    self.seed = seed
    self.arrangement = arrangement
  }

  /// Makes a scene; any number will do, also beyond ``count``.
  public func scene(at index: Int) -> SyntheticScene {
    var maker = SceneMaker(width: width, height: height, seed: seed, scene: index)
    return maker.scene(arrangement)
  }
}

extension SyntheticScenes: DatasetSource {
  /// `scenes`, or `nested` for those, with the seed.
  public var name: String { (arrangement == .mixed ? "scenes-" : "nested-") + String(seed) }

  /// A scene as a sample: its picture in memory, annotations numbered from 0.
  public func sample(at index: Int) throws(DatasetError) -> DatasetSample {
    try check(index)
    let scene = scene(at: index)
    let digits = String(index)
    let name = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    return DatasetSample(
      name: name, imageID: index, width: width, height: height,
      annotations: scene.masks.enumerated().map { Annotation(id: $0, mask: $1) },
      picture: .decoded(scene.image, name: name + ".png"))
  }
}
