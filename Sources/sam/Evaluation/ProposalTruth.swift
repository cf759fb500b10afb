import Datasets
import Evaluation
import Files
import Imaging

/// The objects that proposals are compared with.
struct ProposalTruth {
  /// The objects of the images that were measured.
  let instances: COCOInstances
  /// The number of each image by its position in the dataset.
  private let numbers: [Int: Int]

  /// The truth of images of a dataset: of a file in COCO's form with its categories' frequencies, areas and crowds.
  init(_ source: any DatasetSource, path: String, images: [ImageProposals]) throws {
    var numbers: [Int: Int] = [:]
    var pictures: [COCOInstances.Picture] = []
    var objects: [COCOInstance] = []
    let samples = try images.map { try source.sample(at: $0.index) }
    // The dataset's own numbers where they tell all images apart, as COCO's do.
    let own = samples.compactMap(\.imageID)
    let isNumbered = own.count == samples.count && Set(own).count == own.count
    for (place, (image, sample)) in zip(images, samples).enumerated() {
      let number = isNumbered ? own[place] : image.index + 1
      numbers[image.index] = number
      pictures.append(.init(id: number, width: sample.width, height: sample.height))
      for annotation in sample.annotations {
        objects.append(
          COCOInstance(
            id: objects.count + 1, image: number, category: annotation.category ?? 1, box: annotation.box,
            mask: annotation.mask, area: annotation.area, isCrowd: annotation.isCrowd))
      }
    }
    self.numbers = numbers
    var categories = Set(objects.map(\.category)).map { COCOInstances.Category(id: $0, name: "") }
    if FolderListing.kind(of: path) == .file, path.hasSuffix(".json") {
      categories = try COCOInstances(annotations: path, masks: false).categories
    }
    instances = COCOInstances(pictures: pictures, categories: categories, instances: objects)
  }

  /// The proposals with the images' numbers.
  func proposals(_ images: [ImageProposals]) -> [COCOInstance] {
    var results: [COCOInstance] = []
    for image in images {
      guard let number = numbers[image.index] else { continue }
      results += image.results(image: number, from: results.count + 1)
    }
    return results
  }
}
