/// SA-1B as it is shipped: tar archives that hold a picture and a record of the same name for each image.
///
/// Headers are read once to find the pairs; the archives are mapped, and nothing is unpacked. About a hundred bytes are kept
/// for each image.
public struct SA1BShards: DatasetSource {
  private struct Pair: Sendable {
    var shard: Int32
    var picture: TarArchive.Entry
    var record: TarArchive.Entry
  }

  /// What the dataset is called.
  public let name: String
  private let shards: [TarArchive]
  private let pairs: [Pair]

  /// How many samples there are.
  public var count: Int { pairs.count }

  /// Reads the headers of archives.
  ///
  /// - Parameters:
  ///   - paths: the archives; samples come in their order, and in each in its own.
  ///   - name: by default the first archive's name.
  /// - Throws: ``DatasetError`` where an archive is damaged, or none holds a pair.
  public init(_ paths: [String], name: String? = nil) throws(DatasetError) {
    var shards: [TarArchive] = []
    var pairs: [Pair] = []
    for (index, path) in paths.enumerated() {
      let shard = try TarArchive(path: path)
      shards.append(shard)
      // The partners may stand in either order, and anywhere.
      var waiting: [String: TarArchive.Entry] = [:]
      for entry in shard.entries {
        let isRecord = DatasetPath.pathExtension(entry.name) == "json"
        guard isRecord || DatasetPath.isPicture(entry.name) else { continue }
        let stem = DatasetPath.withoutExtension(entry.name)
        guard let partner = waiting[stem],
          (DatasetPath.pathExtension(partner.name) == "json") != isRecord
        else {
          waiting[stem] = entry
          continue
        }
        waiting[stem] = nil
        pairs.append(
          Pair(shard: Int32(index), picture: isRecord ? partner : entry, record: isRecord ? entry : partner))
      }
    }
    guard !pairs.isEmpty else {
      throw .noSamples(
        path: paths.first ?? "", expected: "pictures with a .json of the same name")
    }
    self.shards = shards
    self.pairs = pairs
    self.name = name ?? String(DatasetPath.lastComponent(paths.first ?? ""))
  }

  /// The sample at an index; see ``DatasetSource/sample(at:)``.
  public func sample(at index: Int) throws(DatasetError) -> DatasetSample {
    try check(index)
    let pair = pairs[index]
    let shard = shards[Int(pair.shard)]
    let record = try shard.withBytes(of: pair.record) { (bytes) throws(DatasetError) in
      try SA1BRecord(parsing: bytes, name: shard.path + "/" + pair.record.name)
    }
    return DatasetSample(
      name: DatasetPath.withoutExtension(pair.picture.name), imageID: record.imageID, width: record.width,
      height: record.height, annotations: record.annotations, picture: .entry(pair.picture, of: shard))
  }
}
