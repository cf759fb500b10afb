public import Datasets
internal import Imaging
public import SegmentAnything
internal import Statistics

/// Measures a model on datasets: reads and embeds images, chooses masks, gathers ``PointEvaluator``'s results.
///
/// ```swift
/// let results = try PointEvaluation(sam).run(source)
/// PointSummary(results).points(1)
/// ```
public struct PointEvaluation: Sendable {
  /// What is measured.
  public struct Settings: Sendable, Equatable {
    /// Points given to a mask in all.
    public var pointCount = 9
    /// Points given in addition to a mask's box, after the box alone.
    public var boxPointCount = 0
    /// Whether boundary IoU is measured, too.
    public var measuresBoundaries = false
    /// The seed of first points drawn uniformly from the mask; nil for its innermost pixel.
    public var randomFirstPoint: UInt64?
    /// How many images of a dataset are drawn at most; nil for all.
    public var imageLimit: Int?
    /// How many masks of an image are drawn at most; nil for all.
    public var masksPerImage: Int?
    /// The seed of what is drawn.
    public var seed: UInt64 = 0

    /// All masks of all images, up to 9 points, the innermost pixel first.
    public init() {}
  }

  /// The model that is measured.
  public let model: SAM
  /// What is measured.
  public let settings: Settings

  /// An evaluation with a model.
  public init(_ model: SAM, settings: Settings = Settings()) {
    self.model = model
    self.settings = settings
  }

  /// What a run is at.
  public struct Progress: Sendable {
    /// Images done, or found to be bad.
    public let images: Int
    /// Images in all.
    public let total: Int
    /// Masks measured.
    public let masks: Int
  }

  /// The images of a dataset that are measured, in order.
  public func chosenImages(of count: Int) -> [Int] {
    ImageSelection.drawn(settings.imageLimit, of: count, seed: settings.seed)
  }

  /// Measures a dataset. An empty mask cannot be prompted for and is left out.
  ///
  /// - Parameters:
  ///   - source: the dataset.
  ///   - progress: told after every few images.
  ///   - skipped: told of each sample that cannot be read; the others are measured without it.
  /// - Returns: the results of every image, in the dataset's order.
  /// - Throws: ``EvaluationError`` where the model refuses a prompt, or the surrounding task is cancelled.
  public func run(
    _ source: any DatasetSource, progress: (Progress) -> Void = { _ in },
    skipped: (DatasetError) -> Void = { _ in }
  ) throws(EvaluationError) -> [ImagePointResults] {
    let images = chosenImages(of: source.count)
    var (done, masks) = (0, 0)
    return try run(
      source, images: images, embeddings: KeptEmbeddings(model),
      skipped: {
        done += 1
        skipped($0)
      },
      finished: { result in
        done += 1
        masks += result.masks.count
        progress(Progress(images: done, total: images.count, masks: masks))
      })
  }

  /// Measures images of a dataset, of which some may have been measured before.
  ///
  /// - Parameters:
  ///   - source: the dataset.
  ///   - images: positions in the dataset.
  ///   - embeddings: where embeddings come from.
  ///   - isCancelled: asked between images.
  ///   - kept: the result of an image that was measured before, by its name.
  ///   - skipped: told of each sample that cannot be read.
  ///   - finished: told of each image that has been measured now, in order.
  /// - Returns: the results of every image, in the order of `images`.
  package func run(
    _ source: any DatasetSource, images: [Int], embeddings: KeptEmbeddings,
    isCancelled: () -> Bool = { Task.isCancelled }, kept: (String) -> ImagePointResults? = { _ in nil },
    skipped: (DatasetError) -> Void,
    finished: (ImagePointResults) throws(EvaluationError) -> Void
  ) throws(EvaluationError) -> [ImagePointResults] {
    let evaluator = PointEvaluator(
      model, pointCount: settings.pointCount, boxPointCount: settings.boxPointCount,
      measuresBoundaries: settings.measuresBoundaries)
    var results: [ImagePointResults] = []
    var batch: [PointEvaluator.Task] = []
    // For each task of the batch, its image's place in `results` and its annotation.
    var places: [(image: Int, annotation: Int)] = []
    // Places in `results` of images that the batch completes.
    var open: [Int] = []
    var embedded = 0

    func measure() throws(EvaluationError) {
      do throws(SAMError) {
        for (place, result) in zip(places, try evaluator.results(batch)) {
          results[place.image].masks.append((place.annotation, result))
        }
      } catch {
        throw .model(error)
      }
      for place in open { try finished(results[place]) }
      (batch, places, open, embedded) = ([], [], [], 0)
    }

    for image in images {
      guard !isCancelled() else {
        try measure()
        throw .model(.cancelled)
      }
      let sample: DatasetSample
      do throws(DatasetError) {
        sample = try source.sample(at: image)
      } catch {
        skipped(error)
        continue
      }
      if let kept = kept(sample.name) {
        results.append(kept)
        continue
      }
      let truths = chosenMasks(sample, image: image)
      if !truths.isEmpty {
        let embedding: ImageEmbedding
        do throws(EvaluationError) {
          embedding = try embeddings.embedding(of: sample, in: source.name, isCancelled: isCancelled)
        } catch {
          guard case .dataset(let error) = error else { throw error }
          skipped(error)
          continue
        }
        embedded += 1
        for truth in truths {
          guard let task = PointEvaluator.Task(truth.mask, in: embedding, first: truth.first) else {
            continue
          }
          batch.append(task)
          places.append((results.count, truth.annotation))
        }
      }
      open.append(results.count)
      results.append(ImagePointResults(name: sample.name, index: image, masks: []))
      // Enough masks to keep the threads busy to the end, and few enough embeddings in memory.
      if batch.count >= 64 || embedded >= 8 { try measure() }
    }
    try measure()
    return results
  }

  /// The masks of an image that are measured, in order.
  private func chosenMasks(
    _ sample: DatasetSample, image: Int
  ) -> [(annotation: Int, mask: BitMask, first: SimulatedClick?)] {
    // What is drawn for one image does not depend on the others.
    var candidates = sample.annotations.indices.filter { !sample.annotations[$0].mask.isEmpty }
    if let limit = settings.masksPerImage, limit < candidates.count {
      var random = SplitMix64(seed: settings.seed, stream: UInt64(image))
      candidates = random.sample(limit, of: candidates.count).sorted().map { candidates[$0] }
    }
    return candidates.map { annotation in
      let mask = BitMask(sample.annotations[annotation].mask)
      guard let seed = settings.randomFirstPoint else { return (annotation, mask, nil) }
      return (annotation, mask, .random(in: mask, seed: seed, image: image, annotation: annotation))
    }
  }
}
