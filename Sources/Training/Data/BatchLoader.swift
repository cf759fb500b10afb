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
    /// As many as asked for; of several processes each has its own.
    public var samples: [TrainingSample]
    /// The draws after which the next batch begins.
    public var end: Int
  }

  /// A batch that is being prepared.
  private struct Draft {
    /// What was drawn, one after the other, and the numbers of the draws.
    var draws: [(dataset: Int, sample: Int, number: Int)] = []
    /// Which of them cannot be used.
    var isBad: [Bool] = []
    /// Those that this process has prepared.
    var samples: [Int: TrainingSample] = [:]
    /// Which of them was found to be bad since processes last told one another.
    var news: Set<Int> = []

    /// Those that make the batch, as far as is known.
    var places: [Int] { draws.indices.filter { !isBad[$0] } }
  }

  private let sources: [Source]
  private let settings: Settings
  /// Which places of a batch are this process's.
  let partition: BatchPartition
  private let group: any ProcessGroup
  private let order: Mutex<SampleOrder>
  /// Samples that cannot be used, each said once.
  private let bad = Mutex<Set<String>>([])
  private let report: @Sendable (String) -> Void
  private let queue = DispatchQueue(label: "batches")
  private let ready = Mutex<[Result<Draft, TrainingError>]>([])
  private let signal = DispatchSemaphore(value: 0)

  /// A loader that begins where `position` draws have been made.
  ///
  /// - Parameters:
  ///   - sources: at least one that has samples.
  ///   - settings: how batches are made.
  ///   - position: draws that earlier steps have made.
  ///   - report: told of samples that are passed over.
  public convenience init(
    _ sources: [Source], _ settings: Settings, position: Int, report: @escaping @Sendable (String) -> Void
  ) {
    self.init(
      sources, settings, position: position, BatchPartition(settings.batch, shards: 1), of: SingleProcess(),
      report: report)
  }

  /// A loader of one process's part of every batch. All processes draw the same, each prepares what is its own, and where a sample
  /// cannot be used they tell one another, so that together they have the batch that one process would have.
  init(
    _ sources: [Source], _ settings: Settings, position: Int, _ partition: BatchPartition,
    of group: any ProcessGroup, report: @escaping @Sendable (String) -> Void
  ) {
    self.sources = sources
    self.settings = settings
    self.partition = partition
    self.group = group
    self.report = report
    var order = SampleOrder(
      counts: sources.map(\.dataset.count), weights: sources.map(\.weight), seed: settings.seed)
    order.skip(to: position)
    self.order = Mutex(order)
    prepareNext()
  }

  /// The next batch; the one after it is begun.
  ///
  /// - Throws: ``TrainingError/noSamples`` where nothing that is drawn can be used.
  public func next() throws(TrainingError) -> Batch {
    signal.wait()
    var draft = try ready.withLock { $0.removeFirst() }.get()
    // In the background there is no talking: the training's own messages are under way then.
    while try !isComplete(&draft) { try prepare(&draft) }
    let samples = draft.places[partition.places].compactMap { draft.samples[$0] }
    let end = order.withLock { $0.position }
    prepareNext()
    return Batch(samples: samples, end: end)
  }

  /// Whether all processes have their samples; they learn what others could not use.
  private func isComplete(_ draft: inout Draft) throws(TrainingError) -> Bool {
    guard group.count > 1 else { return draft.places.count == settings.batch }
    var flags: [[UInt8]] = [[UInt8](repeating: 0, count: draft.draws.count)]
    do throws(ProcessGroupError) {
      try group.fold(&flags) { _, flags in
        for index in draft.news { flags[index] = 1 }
      }
    } catch {
      throw .processes(error)
    }
    draft.news = []
    var isNew = false
    for (index, flag) in flags[0].enumerated() where flag != 0 {
      draft.isBad[index] = true
      isNew = true
    }
    return !isNew
  }

  private func prepareNext() {
    queue.async { [self] in
      let result = Result { () throws(TrainingError) in
        var draft = Draft()
        try prepare(&draft)
        return draft
      }
      ready.withLock { $0.append(result) }
      signal.signal()
    }
  }

  /// Draws what a draft lacks, and prepares what of it is this process's. A process alone goes on until all is there.
  private func prepare(_ draft: inout Draft) throws(TrainingError) {
    repeat {
      try order.withLock { (order) throws(TrainingError) in
        for _ in draft.places.count..<settings.batch {
          let number = order.position
          guard draft.draws.count < 100 * settings.batch, let draw = order.next() else { throw .noSamples }
          draft.draws.append((draw.dataset, draw.sample, number))
          draft.isBad.append(false)
        }
      }
      for index in draft.places[partition.places] where draft.samples[index] == nil {
        let draw = draft.draws[index]
        draft.samples[index] = sample((draw.dataset, draw.sample), draw.number)
        guard draft.samples[index] == nil else { continue }
        // The others learn of it before it counts.
        if group.count > 1 { draft.news.insert(index) } else { draft.isBad[index] = true }
      }
    } while group.count == 1 && draft.places.count < settings.batch
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
      if bad.withLock({ $0.insert(message).inserted }) { report(message) }
      return nil
    }
  }
}
