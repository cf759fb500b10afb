public import Datasets
internal import Dispatch
internal import Imaging
internal import Statistics
internal import Synchronization

/// Draws, decodes and varies samples, one batch ahead of the training, in the background.
///
/// What a batch holds depends on the order, the seed and the settings only, not on threads or time.
public final class BatchLoader: Sendable {
  /// A dataset and how often it is drawn from, in proportion.
  public struct Source: Sendable {
    /// Where samples come from.
    public var dataset: any DatasetSource
    /// Draws in proportion to the other sources'.
    public var weight: Double

    /// A source of the given weight.
    public init(_ dataset: any DatasetSource, weight: Double) {
      self.dataset = dataset
      self.weight = weight
    }
  }

  /// How batches are made.
  public struct Settings: Sendable, Equatable {
    /// Images of a batch.
    public var batch: Int
    /// Side of the model input.
    public var size: Int
    /// Masks of an image at most.
    public var masksPerImage: Int
    /// How pictures are varied.
    public var augmentation: Augmentation
    /// Decides everything that is random.
    public var seed: UInt64
    /// Whether pictures without masks are passed over.
    public var needsMasks: Bool

    /// Settings of the given values.
    public init(
      batch: Int, size: Int, masksPerImage: Int, augmentation: Augmentation, seed: UInt64,
      needsMasks: Bool = true
    ) {
      self.needsMasks = needsMasks
      self.batch = batch
      self.size = size
      self.masksPerImage = masksPerImage
      self.augmentation = augmentation
      self.seed = seed
    }
  }

  /// Samples of one step.
  public struct Batch: Sendable {
    /// As many as asked for.
    public var samples: [TrainingSample]
    /// The draws after which the next batch begins.
    public var end: Int
  }

  private struct State {
    var order: SampleOrder
    /// Samples that cannot be used, each said once.
    var bad: Set<String> = []
  }

  private let sources: [Source]
  private let settings: Settings
  private let state: Mutex<State>
  private let report: @Sendable (String) -> Void
  private let queue = DispatchQueue(label: "batches")
  private let ready = Mutex<[Result<Batch, TrainingError>]>([])
  private let signal = DispatchSemaphore(value: 0)

  /// A loader that begins where `position` draws have been made.
  ///
  /// - Parameters:
  ///   - sources: at least one that has samples.
  ///   - settings: how batches are made.
  ///   - position: draws that earlier steps have made.
  ///   - report: told of samples that are passed over.
  public init(
    _ sources: [Source], _ settings: Settings, position: Int, report: @escaping @Sendable (String) -> Void
  ) {
    self.sources = sources
    self.settings = settings
    self.report = report
    var order = SampleOrder(
      counts: sources.map(\.dataset.count), weights: sources.map(\.weight), seed: settings.seed)
    order.skip(to: position)
    state = Mutex(State(order: order))
    prepareNext()
  }

  /// The next batch; the one after it is begun.
  ///
  /// - Throws: ``TrainingError/noSamples`` where nothing that is drawn can be used.
  public func next() throws(TrainingError) -> Batch {
    signal.wait()
    let result = ready.withLock { $0.removeFirst() }
    prepareNext()
    return try result.get()
  }

  private func prepareNext() {
    queue.async { [self] in
      let result = Result { () throws(TrainingError) in try prepare() }
      ready.withLock { $0.append(result) }
      signal.signal()
    }
  }

  private func prepare() throws(TrainingError) -> Batch {
    var samples: [TrainingSample] = []
    var failures = 0
    while samples.count < settings.batch {
      let (draw, position) = state.withLock { state in
        let position = state.order.position
        return (state.order.next(), position)
      }
      guard let draw, failures < 100 * settings.batch else { throw .noSamples }
      if let sample = sample(draw, position) { samples.append(sample) } else { failures += 1 }
    }
    return Batch(samples: samples, end: state.withLock { $0.order.position })
  }

  private func sample(_ draw: (dataset: Int, sample: Int), _ position: Int) -> TrainingSample? {
    let source = sources[draw.dataset].dataset
    var random = SplitMix64(seed: settings.seed, 3, position)
    do throws(DatasetError) {
      let found = try source.sample(at: draw.sample)
      guard !found.annotations.isEmpty || !settings.needsMasks else { return nil }
      let image = try found.image()
      var sample = settings.augmentation.sample(
        image, found.annotations.filter { !$0.isCrowd }.map(\.mask), size: settings.size,
        limit: settings.needsMasks ? settings.masksPerImage : nil, &random)
      if settings.augmentation.keepsPictures {
        sample?.identity = TrainingSample.Identity(dataset: draw.dataset, sample: draw.sample)
      }
      return sample
    } catch {
      let message = error.description
      if state.withLock({ $0.bad.insert(message).inserted }) { report(message) }
      return nil
    }
  }
}
