/// Images with their masks, one after the other or in any order: what training and evaluation read.
///
/// A source knows how many samples there are and where; a sample's annotations are read when it is asked for, and its picture
/// is decoded when that is asked for. Any number of threads may ask at the same time, so that a trainer shuffles indices
/// with a seed and decodes in the background:
///
/// ```swift
/// let source = try openDataset("data/train/balloons")
/// for index in (0..<source.count).shuffled(using: &generator) {
///   do {
///     let sample = try source.sample(at: index)
///     let image = try sample.image()
///   } catch {
///     print(error)  // one bad sample, named; the others go on
///   }
/// }
/// ```
public protocol DatasetSource: Sendable {
  /// What the dataset is called: its folder's or file's name.
  var name: String { get }
  /// How many samples there are.
  var count: Int { get }
  /// Names of categories by their numbers; empty where the dataset has none.
  var categories: [Int: String] { get }
  /// The sample at an index from 0 to `count - 1`. The order does not depend on the file system.
  ///
  /// - Throws: ``DatasetError`` that names the file where this sample is damaged; others may be sound.
  func sample(at index: Int) throws(DatasetError) -> DatasetSample
}

extension DatasetSource {
  /// No categories: masks of anything.
  public var categories: [Int: String] { [:] }

  /// - Throws: ``DatasetError/noSuchSample(name:index:count:)``.
  func check(_ index: Int) throws(DatasetError) {
    guard index >= 0, index < count else { throw .noSuchSample(name: name, index: index, count: count) }
  }
}
