import Datasets
import Evaluation
import Files
import Imaging

/// Results that are scored as they are, and the file of annotations that they are compared with: all images of it, or some that were
/// drawn.
struct ScoredResults {
  /// The objects of the images that count.
  let truth: COCOInstances
  /// The results of these images.
  var results: [COCOInstance]
  /// Images that were not drawn.
  let left: Int

  init(truth path: String, results: String, masks: Bool, _ drawing: DrawingOptions) throws {
    guard !Folder.isFolder(path) else { throw CommandError.truthIsNoFile(path) }
    let all = try COCOInstances(annotations: path, masks: masks)
    // A result of an image that is not listed is an error, drawn or not.
    let found = try all.results(contentsOfFile: results, masks: masks)
    let chosen = ImageSelection.drawn(drawing.limit, of: all.pictures.count, seed: drawing.seed)
    left = all.pictures.count - chosen.count
    guard left > 0 else {
      (truth, self.results) = (all, found)
      return
    }
    let images = Set(chosen.map { all.pictures[$0].id })
    truth = all.limited(to: images)
    self.results = found.filter { images.contains($0.image) }
  }

  /// Some images that have results, with what was found and what is there.
  ///
  /// - Parameters:
  ///   - folder: where the pictures are.
  ///   - count: how many at most.
  func pictures(in folder: String, count: Int = 4) -> [(
    name: String, image: Image, found: [RunLengthMask], truth: [RunLengthMask]
  )] {
    let found = Dictionary(grouping: results, by: \.image)
    let objects = Dictionary(grouping: truth.instances, by: \.image)
    var pictures: [(name: String, image: Image, found: [RunLengthMask], truth: [RunLengthMask])] = []
    for picture in truth.pictures where pictures.count < count {
      guard let own = found[picture.id], let file = picture.fileName,
        let image = try? Image(contentsOfFile: Path.join(folder, file))
      else { continue }
      pictures.append((file, image, own.compactMap(\.mask), (objects[picture.id] ?? []).compactMap(\.mask)))
    }
    return pictures
  }
}
