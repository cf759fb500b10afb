import Datasets
import Evaluation
import Files
import Imaging
import SegmentAnything

/// Makes masks of a detector's boxes, image by image.
struct InstanceMasks {
  private let source: COCODataset
  private let refinements: Int
  private let embeddings: String?
  /// The boxes of each image by its number, the best ones, in the file's order.
  private let boxes: [Int: [COCOInstance]]
  /// Boxes beyond the limit.
  let overLimit: Int
  /// Images that are gone through, by position.
  let chosen: [Int]
  /// Images that were not drawn.
  var left: Int { source.count - chosen.count }
  /// What an image's masks depend on.
  let journalSettings: [(key: String, value: JSONText)]

  init(command: EvalInstancesCommand, images: String, boxes: [COCOInstance], limit: Int) throws {
    source = try COCODataset(annotations: command.truth, images: images)
    refinements = command.refinements
    embeddings = command.runOptions.embeddings
    var kept: [Int: [COCOInstance]] = [:]
    var over = 0
    for (image, found) in Dictionary(grouping: boxes, by: \.image) {
      // Of equal scores the one given first stays.
      let best = found.sorted { ($1.score, $0.id) < ($0.score, $1.id) }.prefix(limit)
      over += found.count - best.count
      kept[image] = best.sorted { $0.id < $1.id }
    }
    self.boxes = kept
    overLimit = over
    chosen = ImageSelection.drawn(command.runOptions.limit, of: source.count, seed: command.runOptions.seed)
    // Masks kept in a folder belong to these boxes.
    var digest = SHA256()
    for box in boxes {
      let line = "\(box.image) \(box.box.x) \(box.box.y) \(box.box.width) \(box.box.height) \(box.score)\n"
      Array(line.utf8).withUnsafeBytes { digest.update($0) }
    }
    journalSettings = [
      ("boxes", .string(digest.hexadecimal)), ("boxes_per_image", .integer(limit)),
      ("refinements", .integer(command.refinements)),
    ]
  }

  /// The boxes' masks as results, in the order of images and boxes.
  func run(_ run: ImageRun, model: SAM) throws -> [COCOInstance] {
    if overLimit > 0 { run.tell("\(overLimit) boxes beyond the best of their image get no mask") }
    let stop = run.stop
    let making = BoxMasks(model, refinements: refinements)
    let kept = KeptEmbeddings(model, folder: embeddings)
    var results: [COCOInstance] = []
    let measured = try run.results(of: source, images: chosen) { sample, _ -> NumberedMasks in
      let own = sample.imageID.flatMap { boxes[$0] } ?? []
      var masks: [RunLengthMask] = []
      if !own.isEmpty {
        let embedding = try kept.embedding(of: sample, in: source.name) { run.isStopped }
        masks = try making.masks(of: own.map(\.box), in: embedding) { stop.isRaised }
      }
      return NumberedMasks(
        image: sample.imageID ?? 0,
        masks: ImageBoxMasks(masks, width: sample.width, height: sample.height))
    }
    for (_, made) in measured {
      for (place, box) in (boxes[made.image] ?? []).enumerated() {
        guard let mask = made.masks.mask(at: place) else { continue }
        results.append(
          COCOInstance(
            id: results.count + 1, image: box.image, category: box.category, box: BoxXYWH(mask.boundingBox),
            mask: mask, area: Double(mask.area), score: box.score))
      }
    }
    return results
  }

  /// The truth of the images that were gone through.
  func measured(of truth: COCOInstances) throws -> COCOInstances {
    guard left > 0 else { return truth }
    var ids = Set<Int>()
    for index in chosen { if let id = try source.sample(at: index).imageID { ids.insert(id) } }
    return truth.limited(to: ids)
  }

  /// Some images with their masks and the truth.
  func pictures(_ truth: COCOInstances, _ found: [COCOInstance]) -> [InstancesPage.Picture] {
    let byImage = Dictionary(grouping: found, by: \.image)
    let objects = Dictionary(grouping: truth.instances, by: \.image)
    var pictures: [InstancesPage.Picture] = []
    for index in chosen where pictures.count < 4 {
      guard let sample = try? source.sample(at: index), let id = sample.imageID, let masks = byImage[id],
        let image = try? sample.image()
      else { continue }
      pictures.append(
        .init(
          name: sample.name, image: image, found: masks.compactMap(\.mask),
          truth: (objects[id] ?? []).compactMap(\.mask)))
    }
    return pictures
  }
}

/// One image's masks with the image's number.
private struct NumberedMasks: KeptResult {
  let image: Int
  let masks: ImageBoxMasks

  init(image: Int, masks: ImageBoxMasks) { (self.image, self.masks) = (image, masks) }

  init?(journal: JSONValue) {
    guard let image = journal["image"]?.integer, let made = journal["made"],
      let masks = ImageBoxMasks(journal: made)
    else { return nil }
    (self.image, self.masks) = (image, masks)
  }

  var journal: JSONText { .object([("image", .integer(image)), ("made", masks.journal)]) }
}
