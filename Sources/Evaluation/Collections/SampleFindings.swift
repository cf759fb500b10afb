package import Datasets
package import Files
internal import Imaging

/// What is wrong with one sample by itself, and what is needed to compare it with the others of its dataset.
package struct SampleFindings: Sendable, Equatable {
  /// The sample's name; nil where it cannot be read.
  let name: String?
  /// The picture's file, or what else errors call the sample.
  let path: String
  /// The image's number, where it has one.
  let imageID: Int?
  /// The masks' numbers.
  let annotationIDs: [Int]
  /// What is wrong, in the order in which it was found.
  package private(set) var problems: [CollectionProblem] = []
  private let dataset: String
  private let categories: Set<Int>
}

extension SampleFindings {
  /// Looks at a sample: its record, its picture to the last pixel, its masks.
  package init(_ source: any DatasetSource, at index: Int) {
    let sample: DatasetSample
    do throws(DatasetError) {
      sample = try source.sample(at: index)
    } catch {
      self.init(
        name: nil, path: source.name, imageID: nil, annotationIDs: [], dataset: source.name, categories: [])
      add(.error, error)
      return
    }
    self.init(
      name: sample.name, path: sample.picture.path, imageID: sample.imageID,
      annotationIDs: sample.annotations.map(\.id), dataset: source.name,
      categories: Set(source.categories.keys))
    do throws(DatasetError) { _ = try sample.image() } catch { add(.error, error) }
    if sample.annotations.isEmpty { add(.warning, nil, "no masks") }
    for annotation in sample.annotations { check(annotation, of: sample) }
    checkRepetition(sample)
  }

  private mutating func check(_ annotation: Annotation, of sample: DatasetSample) {
    func tell(_ severity: CollectionProblem.Severity, _ reason: String) {
      add(severity, annotation.id, reason)
    }
    guard !annotation.mask.isEmpty else { return tell(.error, "an empty mask") }
    if annotation.mask.width != sample.width || annotation.mask.height != sample.height {
      tell(
        .error,
        "the mask is \(annotation.mask.width) x \(annotation.mask.height) pixels, the image \(sample.width) x \(sample.height)"
      )
    }
    let area = annotation.mask.area
    // What polygons enclose and the pixels that they become differ a little.
    let tolerance = annotation.rings == nil ? 0.5 : max(20, 0.25 * Double(area))
    if !annotation.area.isFinite || (annotation.area - Double(area)).magnitude > tolerance {
      tell(
        .error,
        "the area is stated as \(Decimal.shortest(annotation.area, decimals: 2)), the mask has \(area) pixels"
      )
    }
    let own = annotation.mask.boundingBox
    let (left, top, width, height) = (
      annotation.box.x, annotation.box.y, annotation.box.width, annotation.box.height
    )
    // Some tools count the last column and row, some do not.
    let isClose =
      [
        left - Double(own.x), top - Double(own.y), left + width - Double(own.x + own.width),
        top + height - Double(own.y + own.height),
      ].allSatisfy { $0.magnitude <= 1.5 }
    if !isClose {
      let stated = [left, top, width, height].map { Decimal.shortest($0, decimals: 1) }.joined(separator: ",")
      tell(
        .error, "the box is stated as \(stated), the mask's is \(own.x),\(own.y),\(own.width),\(own.height)")
    }
    for (name, value) in [
      ("predicted IoU", annotation.predictedIoU), ("stability score", annotation.stabilityScore),
    ] {
      guard let value else { continue }
      if !value.isFinite {
        tell(.error, "the \(name) is no finite number")
      } else if value < 0 || value > 1.2 {
        tell(.warning, "a \(name) of \(Decimal.shortest(value, decimals: 4))")
      }
    }
    for point in annotation.points
    where !(0...Double(sample.width)).contains(point.x) || !(0...Double(sample.height)).contains(point.y) {
      tell(
        .error,
        "the point \(Decimal.shortest(point.x, decimals: 2)),\(Decimal.shortest(point.y, decimals: 2)) lies outside the image"
      )
    }
    if let category = annotation.category, !categories.isEmpty, !categories.contains(category) {
      tell(.error, "category \(category) is not listed")
    }
  }

  /// Numbers and masks that occur twice in an image.
  private mutating func checkRepetition(_ sample: DatasetSample) {
    var ids: Set<Int> = []
    var masks: [RunLengthMask: Int] = [:]
    for annotation in sample.annotations {
      if !ids.insert(annotation.id).inserted {
        add(.error, annotation.id, "annotation number \(annotation.id) occurs twice in the image")
      }
      guard !annotation.mask.isEmpty else { continue }
      if let before = masks[annotation.mask] {
        add(.warning, annotation.id, "the same mask as annotation \(before)")
      } else {
        masks[annotation.mask] = annotation.id
      }
    }
  }

  private mutating func add(
    _ severity: CollectionProblem.Severity, _ annotation: Int?, _ reason: String
  ) {
    problems.append(
      CollectionProblem(
        severity: severity, dataset: dataset, path: path, annotation: annotation, reason: reason))
  }

  private mutating func add(_ severity: CollectionProblem.Severity, _ error: DatasetError) {
    problems.append(CollectionProblem(severity, error, dataset: dataset))
  }
}

extension SampleFindings: KeptResult {
  package init?(journal: JSONValue) {
    guard let path = journal["path"]?.text, let dataset = journal["dataset"]?.text,
      let ids = journal["annotations"]?.integers, case .array(let kept)? = journal["problems"]
    else { return nil }
    self.init(
      name: journal["name"]?.text, path: path, imageID: journal["image"]?.integer, annotationIDs: ids,
      dataset: dataset, categories: [])
    for problem in kept {
      guard let severity = problem["severity"]?.text.flatMap(CollectionProblem.Severity.init),
        let path = problem["path"]?.text, let reason = problem["reason"]?.text
      else { return nil }
      problems.append(
        CollectionProblem(
          severity: severity, dataset: dataset, path: path, annotation: problem["annotation"]?.integer,
          reason: reason))
    }
  }

  package var journal: JSONText {
    .object([
      ("dataset", .string(dataset)), ("name", .optional(name, JSONText.string)), ("path", .string(path)),
      ("image", .optional(imageID, JSONText.integer)),
      ("annotations", .array(annotationIDs.map(JSONText.integer))),
      (
        "problems",
        .array(
          problems.map {
            .object([
              ("severity", .string($0.severity.rawValue)), ("path", .string($0.path)),
              ("annotation", .optional($0.annotation, JSONText.integer)), ("reason", .string($0.reason)),
            ])
          })
      ),
    ])
  }
}
