public import Datasets
internal import Files
internal import Imaging

/// Something wrong with a dataset, by file.
public struct CollectionProblem: Sendable, Equatable {
  /// Whether the dataset is at fault, or only odd.
  public enum Severity: String, Sendable {
    /// The sample cannot be used, or says something false.
    case error
    /// It can be used, but someone should look.
    case warning
  }

  /// How bad it is.
  public let severity: Severity
  /// The dataset.
  public let dataset: String
  /// The file: of the record where that cannot be read, of the picture that the record belongs to otherwise.
  public let path: String
  /// The annotation's number, where it is one.
  public let annotation: Int?
  /// What is wrong.
  public let reason: String
}

/// Goes through a dataset and gathers all that is wrong with it.
///
/// ```swift
/// var checking = CollectionChecking(source)
/// for index in 0..<source.count { checking.check(index) }
/// print(checking.problems)
/// ```
public struct CollectionChecking: Sendable {
  private let source: any DatasetSource
  /// What has been found, in the order of samples.
  public private(set) var problems: [CollectionProblem] = []
  /// Samples that were looked at, and masks in those that could be read.
  public private(set) var images = 0, masks = 0
  private var imageIDs: [Int: String] = [:]
  private var annotationIDs: [Int: String] = [:]
  private var hasNumbers = false
  private var repeatedIDs = 0

  /// A check of a dataset.
  public init(_ source: any DatasetSource) { self.source = source }

  /// Looks at a sample: its record, its picture to the last pixel, its masks.
  public mutating func check(_ index: Int) {
    images += 1
    let sample: DatasetSample
    do throws(DatasetError) {
      sample = try source.sample(at: index)
    } catch {
      return add(.error, error)
    }
    masks += sample.annotations.count
    if let id = sample.imageID {
      hasNumbers = true
      if let before = imageIDs.updateValue(sample.name, forKey: id) {
        add(.error, sample, nil, "image number \(id) is also that of \(before)")
      }
    }
    do throws(DatasetError) { _ = try sample.image() } catch { add(.error, error) }
    if sample.annotations.isEmpty { add(.warning, sample, nil, "no masks") }
    for annotation in sample.annotations { check(annotation, of: sample) }
    checkRepetition(sample)
  }

  private mutating func check(_ annotation: Annotation, of sample: DatasetSample) {
    func tell(_ severity: CollectionProblem.Severity, _ reason: String) {
      add(severity, sample, annotation.id, reason)
    }
    // Masks without numbers of their own are counted in each image anew.
    if hasNumbers, let before = annotationIDs.updateValue(sample.name, forKey: annotation.id),
      before != sample.name
    {
      tell(.error, "annotation number \(annotation.id) is also in \(before)")
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
    if let category = annotation.category, !source.categories.isEmpty, source.categories[category] == nil {
      tell(.error, "category \(category) is not listed")
    }
  }

  /// Numbers and masks that occur twice in an image.
  private mutating func checkRepetition(_ sample: DatasetSample) {
    var ids: Set<Int> = []
    var masks: [RunLengthMask: Int] = [:]
    for annotation in sample.annotations {
      if !ids.insert(annotation.id).inserted {
        add(.error, sample, annotation.id, "annotation number \(annotation.id) occurs twice in the image")
      }
      guard !annotation.mask.isEmpty else { continue }
      if let before = masks[annotation.mask] {
        add(.warning, sample, annotation.id, "the same mask as annotation \(before)")
      } else {
        masks[annotation.mask] = annotation.id
      }
    }
  }

  /// Adds what no sample shows: pictures in the folder that no record belongs to, for folders in SA-1B's form.
  ///
  /// - Parameter folder: the dataset's.
  public mutating func checkUnused(in folder: String) {
    guard source is SA1BFolder, let listing = try? FolderListing(of: folder) else { return }
    for error in listing.unreadable { add(.error, .file(error)) }
    let records = Set(listing.files.filter { $0.hasSuffix(".json") }.map { $0.dropLast(5) })
    for file in listing.files where ImageFormat(path: file) != nil {
      let stem = file.lastIndex(of: ".").map { file[..<$0] } ?? file[...]
      if !records.contains(stem) {
        problems.append(
          CollectionProblem(
            severity: .warning, dataset: source.name, path: folder + "/" + file, annotation: nil,
            reason: "a picture without a record"))
      }
    }
  }

  private mutating func add(
    _ severity: CollectionProblem.Severity, _ sample: DatasetSample, _ annotation: Int?, _ reason: String
  ) {
    problems.append(
      CollectionProblem(
        severity: severity, dataset: source.name, path: sample.picture.path, annotation: annotation,
        reason: reason))
  }

  private mutating func add(_ severity: CollectionProblem.Severity, _ error: DatasetError) {
    // The error's own line begins with the file.
    let text = error.description
    let parts = text.split(separator: ": ", maxSplits: 1)
    problems.append(
      CollectionProblem(
        severity: severity, dataset: source.name, path: parts.count == 2 ? String(parts[0]) : source.name,
        annotation: nil, reason: parts.count == 2 ? String(parts[1]) : text))
  }
}
