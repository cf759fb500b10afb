internal import ArgumentParser
internal import SegmentAnything

extension AnswerCommand {
  /// Everything mode on an embedding from a file.
  struct Everything {
    private let model: SAM
    private let embedding: ImageEmbedding
    /// How many masks the last run found.
    private(set) var count = 0

    init(_ model: SAM, embedding path: String) throws {
      self.model = model
      embedding = try ImageEmbedding(contentsOfFile: path, compute: model.compute)
    }

    /// - Parameter words: points a side, and the thresholds of predicted IoU, stability, and NMS.
    mutating func run(_ words: some Sequence<String>) throws {
      let numbers = words.compactMap { Double($0) }
      guard numbers.count == 4 else { throw ValidationError("'everything' wants four numbers") }
      var settings = AutomaticMaskGenerator.Settings.reference
      settings.pointsPerSide = Int(numbers[0])
      settings.predictedIoUThreshold = Float(numbers[1])
      settings.stabilityScoreThreshold = Float(numbers[2])
      settings.boxNMSThreshold = numbers[3]
      var found = 0
      try AutomaticMaskGenerator(model, settings: settings).generate(in: embedding) { _ in found += 1 }
      count = found
    }
  }
}
