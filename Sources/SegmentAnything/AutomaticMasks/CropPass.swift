internal import Imaging
internal import Modeling
internal import Synchronization
internal import Tensors

/// Asks the model about a grid of points on one crop, and keeps what passes the filters of single masks.
struct CropPass {
  let sam: SAM
  let settings: AutomaticMaskGenerator.Settings
  /// The whole image's size.
  let width: Int, height: Int
  let crop: Crop
  /// Of the crop.
  let embedding: ImageEmbedding
  /// In pixels of the crop.
  let points: [Point]
  /// Whether masks at the crop's inner edges are kept: something else will see to them.
  var keepsCutMasks = false

  /// The survivors of all points after NMS, best first.
  ///
  /// Points are decoded side by side, a few at a time on each thread, in any order; results come in the points' order.
  ///
  /// - Throws: ``SAMError/cancelled``.
  func candidates(isCancelled: @Sendable () -> Bool) throws(SAMError) -> [MaskCandidate] {
    let features = sam.prepared(embedding)
    let geometry = ImageGeometry(width: crop.box.width, height: crop.box.height, model: sam.configuration)
    let stopped = Atomic(false)
    var found = [[MaskCandidate]](repeating: [], count: points.count)
    found.withUnsafeMutableBufferPointer { slots in
      nonisolated(unsafe) let slots = slots
      let together = max(
        1, min(MaskDecoder.promptsTogether, (points.count + sam.compute.threads - 1) / sam.compute.threads))
      sam.compute.forEach((points.count + together - 1) / together) { group in
        guard !stopped.load(ordering: .relaxed) else { return }
        if isCancelled() {
          stopped.store(true, ordering: .relaxed)
          return
        }
        let range = group * together..<min(points.count, (group + 1) * together)
        for (index, found) in zip(range, candidates(at: Array(points[range]), features, geometry)) {
          slots[index] = found
        }
      }
    }
    if stopped.load(ordering: .relaxed) { throw .cancelled }
    let all = found.flatMap { $0 }
    return BoxSuppression.kept(
      all.map(\.box), scores: all.map(\.predictedIoU), threshold: settings.boxNMSThreshold
    ).map { all[$0] }
  }

  /// The survivors of each of some points.
  private func candidates(
    at points: [Point], _ features: MaskDecoder.ImageFeatures, _ geometry: ImageGeometry
  ) -> [[MaskCandidate]] {
    let threshold = settings.predictedIoUThreshold
    let prompts = sam.encode(points.map { prompt($0, geometry) }, compute: sam.serial)
    let selections = sam.maskDecoder.select(
      features, prompts: prompts, masks: sam.maskDecoder.multimaskRange
    ) { threshold <= 0 || $0 > threshold }
    return zip(points, selections).map { candidates(at: $0, $1, geometry) }
  }

  private func candidates(
    at point: Point, _ selection: MaskDecoder.Selection, _ geometry: ImageGeometry
  ) -> [MaskCandidate] {
    guard let logits = selection.logits else { return [] }
    var result: [MaskCandidate] = []
    for (position, index) in selection.made.enumerated() {
      let scanned = geometry.upsampling.scan(
        logits[outermost: position], offset: settings.stabilityScoreOffset)
      guard settings.stabilityScoreThreshold <= 0 || scanned.stability >= settings.stabilityScoreThreshold
      else { continue }
      let box = EdgeBox(scanned.box(at: crop.box))
      if !keepsCutMasks,
        crop.cuts(box, width: width, height: height, tolerance: settings.cropEdgeTolerance)
      {
        continue
      }
      let area = scanned.area
      if let share = settings.largestAreaFraction, Double(area) >= share * Double(width) * Double(height) {
        continue
      }
      guard let mask = scanned.runLengths(at: crop.box, width: width, height: height) else { continue }
      result.append(
        MaskCandidate(
          mask: mask, area: area, box: box, predictedIoU: selection.iouPredictions[index],
          stability: scanned.stability,
          point: Point(x: Double(crop.box.x) + point.x, y: Double(crop.box.y) + point.y), crop: crop.box))
    }
    return result
  }

  /// A foreground point and the padding that goes with it, as the model wants them. Grids are kept in double precision up to
  /// here, as in the reference.
  private func prompt(_ point: Point, _ geometry: ImageGeometry) -> [Prompt.ModelPoint] {
    let x = Float(point.x * (Double(geometry.inputWidth) / Double(geometry.width)))
    let y = Float(point.y * (Double(geometry.inputHeight) / Double(geometry.height)))
    return [
      Prompt.ModelPoint(x: x, y: y, kind: .foreground), Prompt.ModelPoint(x: 0, y: 0, kind: .padding),
    ]
  }
}

extension ScannedMask {
  /// Pixels of the mask.
  var area: Int { bits.reduce(0) { $0 + $1.nonzeroBitCount } }

  /// The smallest box around the mask, which lies in a crop of an image, in the image's frame; an empty one at the crop's corner
  /// for an empty mask.
  func box(at crop: PixelBox) -> PixelBox {
    let words = (columns.count + 63) / 64
    var across = [UInt64](repeating: 0, count: words)
    var (top, bottom) = (rows.count, 0)
    for row in 0..<rows.count {
      var any: UInt64 = 0
      for word in 0..<words {
        any |= bits[row * words + word]
        across[word] |= bits[row * words + word]
      }
      guard any != 0 else { continue }
      top = min(top, row)
      bottom = row + 1
    }
    guard top < bottom, let first = across.firstIndex(where: { $0 != 0 }),
      let last = across.lastIndex(where: { $0 != 0 })
    else { return PixelBox(x: crop.x, y: crop.y, width: 0, height: 0) }
    let left = first * 64 + across[first].trailingZeroBitCount
    let right = (last + 1) * 64 - across[last].leadingZeroBitCount
    return PixelBox(
      x: crop.x + columns.lowerBound + left, y: crop.y + rows.lowerBound + top, width: right - left,
      height: bottom - top)
  }

  /// The runs of the mask, which lies in a crop of an image of that size; nil for an image that is too large to have any.
  func runLengths(at crop: PixelBox, width: Int, height: Int) -> RunLengthMask? {
    let place = PixelBox(
      x: crop.x + columns.lowerBound, y: crop.y + rows.lowerBound, width: columns.count, height: rows.count)
    return try? RunLengthMask(bits: bits, in: place, width: width, height: height)
  }
}
