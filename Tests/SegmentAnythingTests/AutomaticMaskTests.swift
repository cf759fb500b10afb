import Imaging
import SegmentAnything
import Synchronization
import Tensors
import Testing

@Suite("Everything mode")
struct AutomaticMaskTests {
  typealias Settings = AutomaticMaskGenerator.Settings

  /// A small grid and filters that leave the model inside some masks.
  private static var small: Settings {
    var settings = Settings.reference
    settings.pointsPerSide = 6
    settings.predictedIoUThreshold = 0.2
    settings.stabilityScoreThreshold = 0.5
    settings.stabilityScoreOffset = 0.3
    return settings
  }

  private func masks(_ settings: Settings, _ image: Image, threads: Int? = nil) throws -> [AutomaticMask] {
    let sam = try threads.map { try SAM.embedded(compute: Compute(threads: $0)) } ?? Photos.sam.get()
    return try AutomaticMaskGenerator(sam, settings: settings).masks(in: image)
  }

  // MARK: - What comes out

  @Test func recordsDescribeTheirMasks() throws {
    let image = try Photos.image("coffee")
    let masks = try masks(Self.small, image)
    #expect(masks.count > 3)
    for mask in masks {
      #expect(mask.area == mask.segmentation.area)
      let box = mask.segmentation.boundingBox
      #expect(
        mask.box
          == BoxXYWH(
            x: Double(box.x), y: Double(box.y), width: Double(box.width - 1), height: Double(box.height - 1)))
      #expect(mask.predictedIoU > 0.2 && mask.stabilityScore >= 0.5)
      #expect(mask.cropBox == BoxXYWH(x: 0, y: 0, width: Double(image.width), height: Double(image.height)))
      #expect(mask.segmentation.width == image.width && mask.segmentation.height == image.height)
    }
    #expect(masks.map(\.predictedIoU) == masks.map(\.predictedIoU).sorted(by: >))
  }

  @Test func anEmbeddingAtHandGivesTheSameMasks() throws {
    let image = try Photos.image("coffee")
    let generator = try AutomaticMaskGenerator(Photos.sam.get(), settings: Self.small)
    let expected = try generator.masks(in: image)
    var (withImage, withoutImage): ([AutomaticMask], [AutomaticMask]) = ([], [])
    try generator.generate(image, embedding: Photos.coffee.get()) { withImage.append($0) }
    try generator.generate(in: Photos.coffee.get()) { withoutImage.append($0) }
    #expect(withImage == expected)
    #expect(withoutImage == expected)
  }

  @Test(arguments: [1, 3]) func theNumberOfThreadsChangesNothing(_ threads: Int) throws {
    var settings = Self.small
    settings.cropLayers = 1
    settings.cropPointsDownscaleFactor = 2
    settings.minimumRegionArea = 60
    let image = try Photos.image("coffee")
    let expected = try masks(settings, image)
    #expect(!expected.isEmpty)
    #expect(try masks(settings, image, threads: threads) == expected)
  }

  @Test func theBatchSizeChangesNothing() throws {
    var settings = Self.small
    settings.pointsPerSide = 3
    let image = try Photos.image("coffee")
    let expected = try masks(settings, image)
    settings.pointsPerBatch = 2
    #expect(try masks(settings, image) == expected)
  }

  @Test func aGridOfOnesOwnAsksItsPoints() throws {
    let image = try Photos.image("coffee")
    var settings = Self.small
    settings.predictedIoUThreshold = 0
    settings.stabilityScoreThreshold = 0
    settings.pointGrids = [[Point(x: 0.5, y: 0.5)]]
    let own = try masks(settings, image)
    settings.pointGrids = nil
    settings.pointsPerSide = 1
    #expect(try masks(settings, image) == own)
    #expect(own.first?.point == Point(x: Double(image.width) / 2, y: Double(image.height) / 2))
  }

  @Test(arguments: [0, 1]) func aRegionOfInterestHoldsAllPoints(_ layers: Int) throws {
    let image = try Photos.image("coffee")
    var settings = Self.small
    settings.cropLayers = layers
    settings.cropPointsDownscaleFactor = 2
    let region = PixelBox(x: 200, y: 100, width: 220, height: 180)
    settings.regionOfInterest = region
    let masks = try masks(settings, image)
    #expect(!masks.isEmpty)
    for mask in masks {
      #expect((200.0...420).contains(mask.point.x) && (100.0...280).contains(mask.point.y))
    }
    settings.regionOfInterest = PixelBox(x: 500, y: 0, width: image.width, height: 10)
    #expect(throws: SAMError.self) { try self.masks(settings, image) }
  }

  // MARK: - Rules

  @Test func masksOfNearlyEverythingAreDroppedWhereAskedFor() throws {
    let image = try Photos.image("coffee")
    var settings = Self.small
    settings.predictedIoUThreshold = 0
    settings.stabilityScoreThreshold = 0
    settings.boxNMSThreshold = 1
    let share = { (mask: AutomaticMask) in Double(mask.area) / Double(image.width * image.height) }
    let all = try masks(settings, image)
    let limit = all.map(share).sorted()[all.count / 2]
    settings.largestAreaFraction = limit
    let kept = try masks(settings, image)
    #expect(!kept.isEmpty && kept.count < all.count)
    #expect(kept.allSatisfy { share($0) < limit })
  }

  @Test func bothWaysOfCleaningUpCanBeHad() throws {
    let image = try Photos.image("coffee")
    var settings = Self.small
    settings.stabilityScoreThreshold = 0
    // So large that no part of some masks reaches it.
    settings.minimumRegionArea = 3000
    let reference = try masks(settings, image)
    #expect(reference.contains { (1..<3000).contains($0.area) })
    settings.dropsMasksOfSmallRegions = true
    let paper = try masks(settings, image)
    #expect(!paper.isEmpty)
    #expect(paper.allSatisfy { $0.area >= 3000 })
    for mask in paper {
      #expect(mask.segmentation.mask.connectedComponents().areas.allSatisfy { $0 >= 3000 })
    }
  }

  @Test func smallerCropsComeFirst() throws {
    var settings = Self.small
    settings.cropLayers = 1
    let masks = try masks(settings, try Photos.image("coffee"))
    let areas = masks.map(\.cropBox.area)
    #expect(areas == areas.sorted())
    #expect(Set(areas).count > 1)
  }

  @Test func presetsAreWhatTheirNamesSay() throws {
    let sam = try Photos.sam.get()
    #expect(Settings.reference == Settings())
    #expect(Settings.sa1b.cropLayers == 2)
    #expect(Settings.sa1b.largestAreaFraction == 0.95)
    #expect(Settings.sa1b.dropsMasksOfSmallRegions && Settings.sa1b.minimumRegionArea == 100)
    #expect(Settings.fast.pointsPerSide < 32)
    #expect(Settings.tuned(for: sam) != .reference)
    for settings in [Settings.reference, .sa1b, .fast, .tuned(for: sam)] {
      _ = try AutomaticMaskGenerator(sam, settings: settings)
    }
  }

  @Test(arguments: ["cat", "coffee", "coins"])
  func theModelInsideGivesAPhotoSomeMasks(_ name: String) throws {
    let sam = try Photos.sam.get()
    var settings = Settings.tuned(for: sam)
    settings.pointsPerSide = 16
    let count = try masks(settings, Photos.image(name)).count
    #expect((2...80).contains(count), "\(name): \(count)")
  }

  // MARK: - Hostile input

  @Test(arguments: [(1, 1), (1, 400), (400, 1), (2, 3), (7, 300)])
  func imagesOfAnySizeAreFine(width: Int, height: Int) throws {
    let pixels = (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    let image = try Image(width: width, height: height, pixels: pixels)
    for preset in [Settings.reference, .sa1b] {
      var settings = preset
      settings.pointsPerSide = 4
      settings.predictedIoUThreshold = 0
      settings.stabilityScoreThreshold = 0
      settings.cropPointsDownscaleFactor = 1
      for mask in try masks(settings, image) {
        #expect(mask.segmentation.width == width && mask.segmentation.height == height)
      }
    }
  }

  @Test func settingsThatMakeNoSenseAreRefused() throws {
    let changes: [(text: String, change: (inout Settings) -> Void)] = [
      ("the number of points a side cannot be 0", { $0.pointsPerSide = 0 }),
      ("the number of points a side cannot be 1000000", { $0.pointsPerSide = 1_000_000 }),
      ("the number of crop layers cannot be -1", { $0.cropLayers = -1 }),
      ("the crop overlap cannot be 1.0", { $0.cropOverlapRatio = 1 }),
      ("the predicted IoU threshold cannot be nan", { $0.predictedIoUThreshold = .nan }),
      ("the stability score offset cannot be -1.0", { $0.stabilityScoreOffset = -1 }),
      ("the smallest region's area cannot be -5", { $0.minimumRegionArea = -5 }),
      ("there are no points to ask", { $0.pointGrids = [] }),
      ("a point of a grid cannot be 0.5,1.5", { $0.pointGrids = [[Point(x: 0.5, y: 1.5)]] }),
      ("a point of a grid cannot be nan,0.5", { $0.pointGrids = [[Point(x: .nan, y: 0.5)]] }),
      (
        "there are no points for crop layer 1",
        {
          $0.cropLayers = 1
          $0.pointGrids = [[Point(x: 0.5, y: 0.5)]]
        }
      ),
      (
        "there are no points for crop layer 2",
        {
          $0.cropLayers = 2
          $0.pointsPerSide = 8
          $0.cropPointsDownscaleFactor = 4
        }
      ),
    ]
    let sam = try Photos.sam.get()
    for (text, change) in changes {
      var settings = Settings.reference
      change(&settings)
      do {
        _ = try AutomaticMaskGenerator(sam, settings: settings)
        Issue.record("accepted: \(text)")
      } catch {
        #expect(error.description.hasPrefix(text), "\(error.description)")
      }
    }
  }

  @Test func anEmbeddingAloneIsNotEnoughForCropsNorOfAnotherImage() throws {
    let sam = try Photos.sam.get()
    var settings = Self.small
    settings.cropLayers = 1
    let generator = try AutomaticMaskGenerator(sam, settings: settings)
    #expect(throws: SAMError.generator(.needsImage)) {
      try generator.generate(in: Photos.coffee.get()) { _ in }
    }
    #expect(throws: SAMError.self) {
      try generator.generate(Photos.image("cat"), embedding: Photos.coffee.get()) { _ in }
    }
  }

  // MARK: - Cancellation

  @Test(arguments: [0, 1, 20]) func aRunStopsSoonAfterItIsCancelled(_ prompts: Int) throws {
    let generator = try AutomaticMaskGenerator(Photos.sam.get(), settings: .reference)
    let asked = Atomic(0)
    #expect(throws: SAMError.cancelled) {
      try generator.generate(
        in: Photos.coffee.get(),
        isCancelled: { asked.add(1, ordering: .relaxed).oldValue >= prompts }
      ) { _ in }
    }
    #expect(asked.load(ordering: .relaxed) < prompts + 64)
  }

  @Test func encodingIsCancelledToo() throws {
    let generator = try AutomaticMaskGenerator(Photos.sam.get(), settings: Self.small)
    let asked = Atomic(0)
    let image = try Photos.image("coffee")
    #expect(throws: SAMError.cancelled) {
      try generator.generate(image, isCancelled: { asked.add(1, ordering: .relaxed).oldValue >= 2 }) { _ in }
    }
    #expect(asked.load(ordering: .relaxed) == 3)
  }

  @Test func aCancelledTaskStops() async throws {
    let generator = try AutomaticMaskGenerator(Photos.sam.get(), settings: .reference)
    let embedding = try Photos.coffee.get()
    let task = Task { () -> Result<Void, SAMError> in
      while !Task.isCancelled { await Task.yield() }
      return Result { () throws(SAMError) in try generator.generate(in: embedding) { _ in } }
    }
    task.cancel()
    let result = await task.value
    #expect(throws: SAMError.cancelled) { try result.get() }
  }
}
