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

extension CollectionProblem {
  /// What an error says; its own line begins with the file.
  init(_ severity: Severity, _ error: DatasetError, dataset: String) {
    let text = error.description
    let parts = text.split(separator: ": ", maxSplits: 1)
    self.init(
      severity: severity, dataset: dataset, path: parts.count == 2 ? String(parts[0]) : dataset,
      annotation: nil, reason: parts.count == 2 ? String(parts[1]) : text)
  }
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

  /// A check of a dataset.
  public init(_ source: any DatasetSource) { self.source = source }

  /// Looks at a sample: its record, its picture to the last pixel, its masks.
  public mutating func check(_ index: Int) { add(SampleFindings(source, at: index)) }

  /// Adds what was found at a sample, and what shows only beside those before.
  package mutating func add(_ sample: SampleFindings) {
    images += 1
    problems += sample.problems
    masks += sample.annotationIDs.count
    guard let name = sample.name else { return }
    func tell(_ annotation: Int?, _ reason: String) {
      problems.append(
        CollectionProblem(
          severity: .error, dataset: source.name, path: sample.path, annotation: annotation, reason: reason))
    }
    if let id = sample.imageID {
      hasNumbers = true
      if let before = imageIDs.updateValue(name, forKey: id) {
        tell(nil, "image number \(id) is also that of \(before)")
      }
    }
    // Masks without numbers of their own are counted in each image anew.
    guard hasNumbers else { return }
    for id in sample.annotationIDs {
      if let before = annotationIDs.updateValue(name, forKey: id), before != name {
        tell(id, "annotation number \(id) is also in \(before)")
      }
    }
  }

  /// Adds what no sample shows: pictures in the folder that no record belongs to, for folders in SA-1B's form.
  ///
  /// - Parameter folder: the dataset's.
  public mutating func checkUnused(in folder: String) {
    guard source is SA1BFolder, let listing = try? FolderListing(of: folder) else { return }
    for error in listing.unreadable {
      problems.append(CollectionProblem(.error, .file(error), dataset: source.name))
    }
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
}
