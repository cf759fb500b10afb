internal import Datasets
internal import Evaluation
internal import Files
internal import Imaging
internal import SegmentAnything
internal import Statistics

/// Validation pictures with what a model makes of one point on each: on the left the true mask, on the right the model's.
struct SampleSheet {
  /// Pictures on the sheet at most.
  static let limit = 8

  private var sheet = ContactSheet(columns: 2, side: 640)

  /// The sheet of a model; nil where no picture can be shown. It shows the same pictures and masks whenever it is made.
  ///
  /// - Parameters:
  ///   - model: answers with its most confident mask.
  ///   - sources: pictures are taken from each in turn.
  init?(_ model: SAM, _ sources: [any DatasetSource]) {
    let sources = SampleSheet.spread(sources)
    // The same at every measurement, so that sheets can be compared.
    var streams = sources.indices.map { SplitMix64(seed: 0, stream: UInt64($0)) }
    let orders = sources.indices.map { streams[$0].sample(SampleSheet.limit, of: sources[$0].count) }
    for turn in 0..<SampleSheet.limit {
      for (number, source) in sources.enumerated() where turn < orders[number].count {
        guard sheet.count < SampleSheet.limit else { return }
        add(model, source, at: orders[number][turn], &streams[number])
      }
    }
    guard sheet.count > 0 else { return nil }
  }

  /// The picture of all.
  var image: Image { sheet.image }

  /// Of more datasets than there is room for, some from the first to the last.
  private static func spread(_ sources: [any DatasetSource]) -> [any DatasetSource] {
    guard sources.count > limit else { return sources }
    return (0..<limit).map { sources[$0 * sources.count / limit] }
  }

  /// A picture that is damaged, has no masks or gets no answer is left out: the measurement tells of it.
  private mutating func add(
    _ model: SAM, _ source: any DatasetSource, at index: Int, _ random: inout SplitMix64
  ) {
    guard let sample = try? source.sample(at: index), let image = try? sample.image() else { return }
    let masks = sample.annotations.filter { !$0.isCrowd && !$0.mask.isEmpty }.map(\.mask)
    guard !masks.isEmpty else { return }
    let truth = BitMask(masks[random.index(below: masks.count)])
    guard let click = SimulatedClick.first(on: truth), let embedding = try? model.embed(image),
      let answer = try? model.predict(
        [.point(Float(click.x), Float(click.y))], in: embedding, multimask: true
      ).first
    else { return }
    let mask = answer.bitMasks[answer.mostConfident]
    func panel(_ mask: BitMask, _ color: Color) throws(ImageError) -> Image {
      var overlay = Overlay(image)
      try overlay.add(mask.mask, color: color)
      overlay.addPoint(x: Double(click.x) + 0.5, y: Double(click.y) + 0.5, isForeground: true)
      return overlay.image
    }
    guard let left = try? panel(truth, .distinct(1)), let right = try? panel(mask, .distinct(0)) else {
      return
    }
    let iou = Decimal.fixed(truth.intersectionOverUnion(with: mask), decimals: 2)
    sheet.add(
      Image(sideBySide: [left, right]), caption: "\(source.name) \(sample.name): IoU \(iou)")
  }
}
