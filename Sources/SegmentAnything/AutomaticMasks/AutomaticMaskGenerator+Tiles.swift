public import Imaging

extension AutomaticMaskGenerator {
  /// All masks of a picture file; see ``generate(inFile:isCancelled:emit:)``.
  public func masks(
    inFile path: String, isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) throws(SAMError) -> [AutomaticMask] {
    var masks: [AutomaticMask] = []
    try generate(inFile: path, isCancelled: isCancelled) { masks.append($0) }
    return masks
  }

  /// Makes all masks of a picture file. With ``Settings/tileSize`` only the rows of one row of tiles are in memory, so a TIFF may be
  /// larger than memory (``Imaging/ImageRows``).
  ///
  /// With tiles: each is encoded by itself, with the grid of points laid over it; a mask that ends at a tile's inner edge continues in the
  /// neighbouring tile where, in what both tiles see, the two masks have an IoU of at least 0.5, and the two become one. Of several
  /// whole masks of one object the one of the highest predicted IoU stays; a cut mask that no neighbour confirms is
  /// dropped. A mask is handed over once the tiles that could add to it are done. ``AutomaticMask/cropBox`` is the tile, or the box
  /// around those that a mask was put together from.
  ///
  /// - Throws: ``SAMError/image(_:)`` that names the file, and as ``generate(_:embedding:isCancelled:emit:)``.
  public func generate(
    inFile path: String, isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled },
    emit: (AutomaticMask) -> Void
  ) throws(SAMError) {
    let rows: ImageRows
    do throws(ImageError) { rows = try ImageRows(contentsOfFile: path) } catch { throw .image(error) }
    try generate(rows, isCancelled: isCancelled, emit: emit)
  }

  /// Makes all masks of a picture that is read row by row; see ``generate(inFile:isCancelled:emit:)``.
  public func generate(
    _ rows: ImageRows, isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled },
    emit: (AutomaticMask) -> Void
  ) throws(SAMError) {
    guard settings.tileSize == nil else {
      return try generateTiles(rows, isCancelled: isCancelled, emit: emit)
    }
    let image: Image
    do throws(ImageError) { image = try rows.read(0..<rows.height) } catch { throw .image(error) }
    try generate(image, isCancelled: isCancelled, emit: emit)
  }

  /// Tile by tile, from left to right and from top to bottom.
  private func generateTiles(
    _ source: ImageRows, isCancelled: @Sendable () -> Bool, emit: (AutomaticMask) -> Void
  ) throws(SAMError) {
    let region: PixelBox
    do throws(GeneratorError) {
      region = try settings.region(width: source.width, height: source.height)
    } catch {
      throw .generator(error)
    }
    let size = settings.tileSize ?? max(region.width, region.height)
    let tiles = TileGrid(region, size: size, overlap: settings.overlapOfTiles(size))
    var merger = TileMerger(
      width: source.width, height: source.height, tolerance: settings.cropEdgeTolerance)
    var cleaning = CleanUp(settings)
    for (row, top) in tiles.rows.enumerated() {
      for candidate in merger.finish(above: top) {
        if let final = cleaning.pass(candidate) { emit(final.record) }
      }
      let band: Image
      do throws(ImageError) { band = try source.read(top..<top + tiles.height) } catch { throw .image(error) }
      for column in tiles.columns.indices {
        let box = tiles.box(column: column, row: row)
        merger.add(try candidates(of: box, in: band, source, isCancelled), of: box)
      }
    }
    for candidate in merger.finish(above: .max) {
      if let final = cleaning.pass(candidate) { emit(final.record) }
    }
    for final in cleaning.finish() { emit(final.record) }
  }

  private func candidates(
    of tile: PixelBox, in band: Image, _ source: ImageRows, _ isCancelled: @Sendable () -> Bool
  ) throws(SAMError) -> [MaskCandidate] {
    if isCancelled() { throw .cancelled }
    let image: Image
    do throws(ImageError) {
      image = try band.cropped(to: PixelBox(x: tile.x, y: 0, width: tile.width, height: tile.height))
    } catch {
      throw .image(error)
    }
    var pass = CropPass(
      sam: sam, settings: settings, width: source.width, height: source.height,
      crop: Crop(box: tile, layer: 0), embedding: try sam.embed(image, isCancelled: isCancelled),
      points: PointGrid.points(layer: 0, settings).map {
        Point(x: $0.x * Double(tile.width), y: $0.y * Double(tile.height))
      })
    pass.keepsCutMasks = true
    return try pass.candidates(isCancelled: isCancelled)
  }
}
