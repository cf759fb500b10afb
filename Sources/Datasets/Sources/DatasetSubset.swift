/// Some samples of a dataset, as a dataset.
public struct DatasetSubset: DatasetSource {
  private let source: any DatasetSource
  private let indices: [Int]

  /// Samples of a dataset.
  ///
  /// - Parameter indices: positions in it, in the order they will have here.
  public init(of source: any DatasetSource, indices: [Int]) {
    (self.source, self.indices) = (source, indices)
  }

  /// What the dataset is called.
  public var name: String { source.name }
  /// How many samples there are.
  public var count: Int { indices.count }
  /// Names of categories by their numbers.
  public var categories: [Int: String] { source.categories }

  /// The sample at an index; see ``DatasetSource/sample(at:)``.
  public func sample(at index: Int) throws(DatasetError) -> DatasetSample {
    try check(index)
    return try source.sample(at: indices[index])
  }
}
