internal import Imaging

/// An image, its embedding, or both.
struct ImageOnHand {
  let width: Int, height: Int
  let image: Image?
  /// Of the whole image.
  let embedding: ImageEmbedding?
}

extension AutomaticMaskGenerator {
  /// Crop by crop in the order in which masks of one displace those of another, so that what a crop yields is final.
  func generate(
    _ source: ImageOnHand, isCancelled: @Sendable () -> Bool, emit: (AutomaticMask) -> Void
  ) throws(SAMError) {
    let crops = try crops(of: source)
    var across = BoxSuppression(threshold: settings.cropNMSThreshold)
    var cleaning = CleanUp(settings)
    for index in BoxSuppression.descending(crops.map { 1 / Float($0.box.width * $0.box.height) }) {
      let pass = try pass(crops[index], of: source, isCancelled: isCancelled)
      for candidate in try pass.candidates(isCancelled: isCancelled) {
        if crops.count > 1, !across.admit(candidate.box) { continue }
        if let final = cleaning.pass(candidate) { emit(final.record) }
      }
    }
    for final in cleaning.finish() { emit(final.record) }
  }

  /// The whole image first; the crops of deeper layers lie in the region of interest.
  private func crops(of source: ImageOnHand) throws(SAMError) -> [Crop] {
    if let embedding = source.embedding {
      guard embedding.width == source.width, embedding.height == source.height else {
        throw .generator(
          .embeddingSize(
            width: embedding.width, height: embedding.height, imageWidth: source.width,
            imageHeight: source.height))
      }
      try sam.check(embedding)
    }
    var crops = Crop.all(
      of: try region(source), layers: settings.cropLayers, overlapRatio: settings.cropOverlapRatio)
    crops[0].box = PixelBox(x: 0, y: 0, width: source.width, height: source.height)
    return crops.filter { !$0.isEmpty }
  }

  private func region(_ source: ImageOnHand) throws(SAMError) -> PixelBox {
    do throws(GeneratorError) {
      return try settings.region(width: source.width, height: source.height)
    } catch {
      throw .generator(error)
    }
  }

  private func pass(
    _ crop: Crop, of source: ImageOnHand, isCancelled: @Sendable () -> Bool
  ) throws(SAMError) -> CropPass {
    if isCancelled() { throw .cancelled }
    let embedding: ImageEmbedding
    if crop.layer == 0, let given = source.embedding {
      embedding = given
    } else if let image = source.image {
      let part: Image
      do throws(ImageError) { part = try image.cropped(to: crop.box) } catch { throw .image(error) }
      embedding = try sam.embed(part, isCancelled: isCancelled)
    } else {
      throw .generator(.needsImage)
    }
    // The grid lies over the region of interest; a deeper layer's crop is part of it.
    let area = crop.layer == 0 ? try region(source) : crop.box
    let points = PointGrid.points(layer: crop.layer, settings).map { point in
      Point(
        x: Double(area.x - crop.box.x) + point.x * Double(area.width),
        y: Double(area.y - crop.box.y) + point.y * Double(area.height))
    }
    return CropPass(
      sam: sam, settings: settings, width: source.width, height: source.height, crop: crop,
      embedding: embedding, points: points)
  }
}
