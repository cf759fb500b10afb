import Imaging
import TestSupport
import Testing

@testable import SegmentAnything

@Suite("Tiles")
struct TileTests {
  // MARK: - Where they lie

  @Test(arguments: [
    (1, 64, 16), (64, 64, 16), (65, 64, 16), (1000, 64, 32), (20_000, 1024, 256), (333, 100, 0),
  ])
  func tilesCoverTheRegionWithTheOverlapAskedFor(length: Int, size: Int, overlap: Int) {
    let region = PixelBox(x: 7, y: 3, width: length, height: length)
    let grid = TileGrid(region, size: size, overlap: overlap)
    #expect(grid.columns.first == 7 && grid.rows.first == 3)
    #expect((grid.columns.last ?? 0) + grid.width == 7 + length)
    for (start, next) in zip(grid.columns, grid.columns.dropFirst()) {
      #expect(next > start && start + grid.width - next >= overlap)
    }
    #expect(grid.width == min(size, length))
  }

  // MARK: - How masks become one

  /// An image of 200 x 100 seen by tiles of 120 x 100: columns 80 to 119 are in both.
  private static let tiles = [
    PixelBox(x: 0, y: 0, width: 120, height: 100), PixelBox(x: 80, y: 0, width: 120, height: 100),
  ]

  /// A rectangle as a tile sees it.
  private func seen(_ shape: PixelBox, in tile: PixelBox, predictedIoU: Float = 0.9) -> MaskCandidate {
    var mask = Mask(width: 200, height: 100)
    for y in max(shape.y, tile.y)..<min(shape.y + shape.height, tile.y + tile.height) {
      for x in max(shape.x, tile.x)..<min(shape.x + shape.width, tile.x + tile.width) { mask[x, y] = true }
    }
    let runs = RunLengthMask(mask)
    return MaskCandidate(
      mask: runs, area: runs.area, box: EdgeBox(runs.boundingBox), predictedIoU: predictedIoU, stability: 0.5,
      point: Point(x: Double(tile.x) + 1, y: 1), crop: tile)
  }

  private func merged(_ first: [MaskCandidate], _ second: [MaskCandidate]) -> [MaskCandidate] {
    var merger = TileMerger(width: 200, height: 100, tolerance: 2)
    merger.add(first, of: Self.tiles[0])
    merger.add(second, of: Self.tiles[1])
    return merger.finish(above: .max)
  }

  @Test func twoPartsOfOneObjectBecomeOne() throws {
    let shape = PixelBox(x: 30, y: 20, width: 150, height: 40)
    let parts = Self.tiles.map { seen(shape, in: $0) }
    let result = merged([parts[0]], [parts[1]])
    #expect(result.count == 1)
    let mask = try #require(result.first)
    #expect(mask.area == shape.width * shape.height)
    #expect(mask.mask.boundingBox == shape)
    #expect(mask.box == EdgeBox(left: 30, top: 20, right: 179, bottom: 59))
    #expect(mask.crop == PixelBox(x: 0, y: 0, width: 200, height: 100))
    #expect(abs(mask.predictedIoU - 0.9) < 1e-6)
  }

  @Test func anObjectSeenTwiceIsTheBetterOfTheTwo() {
    let shape = PixelBox(x: 85, y: 20, width: 30, height: 30)
    let result = merged(
      [seen(shape, in: Self.tiles[0], predictedIoU: 0.7)], [seen(shape, in: Self.tiles[1], predictedIoU: 0.8)]
    )
    #expect(result.map(\.predictedIoU) == [0.8])
  }

  @Test func aWholeMaskDisplacesACutOne() {
    let shape = PixelBox(x: 60, y: 20, width: 50, height: 30)
    let whole = seen(shape, in: Self.tiles[0], predictedIoU: 0.5)
    let cut = seen(shape, in: Self.tiles[1])
    #expect(merged([whole], [cut]).map(\.mask) == [whole.mask])
  }

  @Test func aCutMaskThatNobodyConfirmsIsDropped() {
    let shape = PixelBox(x: 60, y: 20, width: 100, height: 30)
    #expect(merged([seen(shape, in: Self.tiles[0])], []).isEmpty)
    #expect(merged([], [seen(shape, in: Self.tiles[1])]).isEmpty)
    // Something else in its place does not confirm it.
    let other = PixelBox(x: 85, y: 60, width: 30, height: 30)
    #expect(
      merged([seen(shape, in: Self.tiles[0])], [seen(other, in: Self.tiles[1])]).map(\.area) == [900])
  }

  @Test func masksAtTheImagesEdgeAreWhole() {
    let shape = PixelBox(x: 0, y: 0, width: 50, height: 100)
    #expect(merged([seen(shape, in: Self.tiles[0])], []).count == 1)
  }

  @Test func fourTilesAroundACornerGiveOneMask() throws {
    var merger = TileMerger(width: 200, height: 200, tolerance: 2)
    var mask = Mask(width: 200, height: 200)
    for y in 50..<150 { for x in 40..<170 { mask[x, y] = true } }
    for tile in [(0, 0), (80, 0), (0, 80), (80, 80)] {
      let box = PixelBox(x: tile.0, y: tile.1, width: 120, height: 120)
      var part = Mask(width: 200, height: 200)
      for y in box.y..<box.y + 120 { for x in box.x..<box.x + 120 { part[x, y] = mask[x, y] } }
      let runs = RunLengthMask(part)
      if tile == (0, 80) { #expect(merger.finish(above: 80).isEmpty) }
      merger.add(
        [
          MaskCandidate(
            mask: runs, area: runs.area, box: EdgeBox(runs.boundingBox), predictedIoU: 0.9, stability: 1,
            point: Point(x: 1, y: 1), crop: box)
        ], of: box)
    }
    let result = merger.finish(above: .max)
    #expect(result.map(\.mask) == [RunLengthMask(mask)])
  }

  // MARK: - Everything mode

  private static var settings: AutomaticMaskGenerator.Settings {
    var settings = AutomaticMaskGenerator.Settings.reference
    settings.pointsPerSide = 6
    settings.predictedIoUThreshold = 0.2
    settings.stabilityScoreThreshold = 0.5
    settings.stabilityScoreOffset = 0.3
    settings.tileSize = 256
    settings.tileOverlap = 64
    return settings
  }

  @Test func aFileReadInRowsGivesTheMasksOfTheImage() throws {
    let image = try Photos.image("coffee")
    let directory = try TemporaryDirectory()
    let path = directory.file("coffee.png")
    try image.write(to: path)
    let generator = try AutomaticMaskGenerator(Photos.sam.get(), settings: Self.settings)
    let masks = try generator.masks(in: image)
    #expect(masks.count > 3)
    #expect(try generator.masks(inFile: path) == masks)
    for mask in masks {
      #expect(mask.segmentation.width == image.width && mask.segmentation.height == image.height)
      #expect(mask.area == mask.segmentation.area && mask.area > 0)
      #expect(mask.cropBox.width >= 256 && mask.cropBox.width <= Double(image.width))
    }
  }

  @Test func aTileLargerThanTheImageChangesNothing() throws {
    let image = try Photos.image("coffee")
    var settings = Self.settings
    settings.tileSize = 2000
    settings.tileOverlap = nil
    let tiled = try AutomaticMaskGenerator(Photos.sam.get(), settings: settings).masks(in: image)
    settings.tileSize = nil
    #expect(try AutomaticMaskGenerator(Photos.sam.get(), settings: settings).masks(in: image) == tiled)
  }

  @Test func aFileWithoutTilesIsReadWhole() throws {
    var settings = Self.settings
    settings.tileSize = nil
    let generator = try AutomaticMaskGenerator(Photos.sam.get(), settings: settings)
    let path = Fixtures.path("../../examples/photos/coffee.jpg")
    #expect(try generator.masks(inFile: path) == generator.masks(in: Photos.image("coffee")))
    #expect(throws: SAMError.self) { try generator.masks(inFile: "/nowhere.tif") }
  }

  @Test func cropsWithTilesAndTilesOfNoSizeAreRefused() throws {
    for change in [
      { $0.tileSize = 10 }, { $0.cropLayers = 1 }, { $0.tileOverlap = 200 }, { $0.tileOverlap = -1 },
    ] as [(inout AutomaticMaskGenerator.Settings) -> Void] {
      var settings = Self.settings
      change(&settings)
      #expect(throws: SAMError.self) { try AutomaticMaskGenerator(Photos.sam.get(), settings: settings) }
    }
  }

  @Test func tilesAreCancelledToo() throws {
    let generator = try AutomaticMaskGenerator(Photos.sam.get(), settings: Self.settings)
    let image = try Photos.image("coffee")
    #expect(throws: SAMError.cancelled) { try generator.masks(in: image, isCancelled: { true }) }
  }
}
