import Datasets

/// Opens datasets, whose names must be different: results are kept by them.
///
/// - Parameter needsPictures: whether records without a picture are passed over.
func openDatasets(_ folders: [String], needsPictures: Bool = true) throws -> [any DatasetSource] {
  let sources = try folders.map { try openDataset($0, needsPictures: needsPictures) }
  try requireDifferentNames(sources, folders)
  return sources
}

/// Results of datasets of one name could not be told apart.
func requireDifferentNames(_ sources: [any DatasetSource], _ folders: [String]) throws {
  for (index, source) in sources.enumerated() {
    if let first = sources[..<index].firstIndex(where: { $0.name == source.name }) {
      throw CommandError.sameDataset(first: folders[first], second: folders[index], name: source.name)
    }
  }
}
