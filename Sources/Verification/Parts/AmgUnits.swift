internal import Imaging
internal import SegmentAnything
internal import Tensors

/// The small functions that everything mode is made of, each against a table of cases.
struct AmgUnits {
  private let folder: ReferenceFolder
  private let recorder: Recorder
  private let file: ReferenceValue
  private let exact: Limit
  private let scores: Limit

  init(_ context: PartContext, _ recorder: Recorder) throws(VerificationError) {
    folder = context.folder
    self.recorder = recorder
    file = try folder.json("units.json")
    exact = try context.tolerances.limit("amg.units")
    scores = .bounds(
      absolute: try context.tolerances.root.member("amg").member("units").member("scores").number(),
      relative: nil)
  }

  func run() throws(VerificationError) {
    recorder.attempt("stability") { () throws(VerificationError) in try stability() }
    attemptAll("crop_boxes", cropBoxes)
    attemptAll("point_grids") { (value) throws(VerificationError) in
      let grid = PointGrid.square(try value.member("n").integer(in: 0...1000))
      return Difference(grid.flatMap { [$0.x, $0.y] }, ofAsMany: try value.member("points").flatNumbers())
    }
    attemptAll("all_layer_grids", layerGrids)
    attemptAll("rle", runLengths)
    attemptAll("remove_small_regions", smallRegions)
    recorder.attempt("batched_nms") { () throws(VerificationError) in
      for value in try file.member("batched_nms").member("cases").elements() {
        recorder.record(value.place, try suppression(value), exact)
      }
    }
    attemptAll("is_box_near_crop_edge", cropEdges)
  }

  private func attemptAll(
    _ name: String, _ compare: (ReferenceValue) throws(VerificationError) -> Difference
  ) {
    recorder.attempt(name) { () throws(VerificationError) in
      for value in try file.member(name).elements() {
        recorder.record(value.place, try compare(value), exact)
      }
    }
  }

  // MARK: - Scores and points

  /// Logits at the size of the image itself: the way there neither scales nor cuts.
  private func stability() throws(VerificationError) {
    let reference = try folder.tensors("units.safetensors").tensor("stability_logits")
    guard reference.shape.count == 3, reference.shape.allSatisfy({ (1...1024).contains($0) }) else {
      throw reference.mismatch([6, 20, 24])
    }
    let (count, height, width) = (reference.shape[0], reference.shape[1], reference.shape[2])
    let side = max(height, width)
    let upsampling = MaskUpsampling(
      lowResolutionSize: side, imageSize: side, inputWidth: width, inputHeight: height, width: width,
      height: height)
    let values = reference.floats()
    for value in try file.member("stability").member("cases").elements() {
      let threshold = Float(try value.member("mask_threshold").number())
      let offset = Float(try value.member("threshold_offset").number())
      let expected = try value.member("scores").numbers(count)
      let own = (0..<count).map { mask in
        var square = [Float](repeating: -1e3, count: side * side)
        for row in 0..<height {
          for column in 0..<width {
            square[row * side + column] = values[(mask * height + row) * width + column]
          }
        }
        return Double(
          upsampling.scan(Tensor(square, shape: [side, side]), threshold: threshold, offset: offset).stability
        )
      }
      // What is no number in the reference is to be none here.
      let isAlike = zip(own, expected).allSatisfy { $0.isNaN == $1.isNaN }
      recorder.record(
        value.place,
        isAlike
          ? Difference(own.filter { !$0.isNaN }, ofAsMany: expected.filter { !$0.isNaN })
          : Difference(largest: .nan), scores)
    }
  }

  private func layerGrids(_ value: ReferenceValue) throws(VerificationError) -> Difference {
    var settings = AutomaticMaskGenerator.Settings.reference
    settings.pointsPerSide = try value.member("n").integer(in: 1...1000)
    settings.cropLayers = try value.member("layers").integer(in: 0...8)
    settings.cropPointsDownscaleFactor = try value.member("scale").integer(in: 1...1000)
    let grids = (0...settings.cropLayers).map { PointGrid.points(layer: $0, settings) }
    let sizes = Difference(
      grids.map { Double($0.count) }, ofAsMany: try value.member("sizes").flatNumbers())
    let last = grids[settings.cropLayers].flatMap { [$0.x, $0.y] }
    return sizes.joined(Difference(last, ofAsMany: try value.member("last_layer").flatNumbers()))
  }

  // MARK: - Boxes

  private func cropBoxes(_ value: ReferenceValue) throws(VerificationError) -> Difference {
    let size = try value.member("size_hw").integers(2, in: 1...1_000_000)
    let crops = Crop.all(
      of: PixelBox(x: 0, y: 0, width: size[1], height: size[0]),
      layers: try value.member("n_layers").integer(in: 0...6),
      overlapRatio: try value.member("overlap_ratio").number(in: 0...1))
    let boxes = crops.flatMap { crop in
      [crop.box.x, crop.box.y, crop.box.x + crop.box.width, crop.box.y + crop.box.height].map(Double.init)
    }
    return Difference(boxes, ofAsMany: try value.member("boxes_xyxy").flatNumbers())
      .joined(
        Difference(crops.map { Double($0.layer) }, ofAsMany: try value.member("layers").flatNumbers()))
  }

  private func suppression(_ value: ReferenceValue) throws(VerificationError) -> Difference {
    var boxes: [EdgeBox] = []
    for box in try value.member("boxes_xyxy").elements() { boxes.append(try box.edgeBox()) }
    let scores = try value.member("scores").numbers(boxes.count).map { Float($0) }
    let kinds = try value.member("idxs").numbers(boxes.count)
    let threshold = try value.member("iou_threshold").number()
    // Boxes of different kinds do not displace each other.
    var kept: Set<Int> = []
    for kind in Set(kinds) {
      let members = kinds.indices.filter { kinds[$0] == kind }
      let own = BoxSuppression.kept(
        members.map { boxes[$0] }, scores: members.map { scores[$0] }, threshold: threshold)
      kept.formUnion(own.map { members[$0] })
    }
    let order = kept.sorted { (scores[$1], $0) < (scores[$0], $1) }
    return Difference(order.map(Double.init), ofAsMany: try value.member("keep").flatNumbers())
  }

  private func cropEdges(_ value: ReferenceValue) throws(VerificationError) -> Difference {
    let box = try value.member("crop_box").integers(4, in: 0...1_000_000)
    let whole = try value.member("orig_box").integers(4, in: 0...1_000_000)
    let crop = Crop(
      box: PixelBox(x: box[0], y: box[1], width: box[2] - box[0], height: box[3] - box[1]), layer: 1)
    var own: [Double] = []
    for inside in try value.member("boxes_in_crop_xyxy").elements() {
      var edges = try inside.edgeBox()
      edges = EdgeBox(
        left: edges.left + box[0], top: edges.top + box[1], right: edges.right + box[0],
        bottom: edges.bottom + box[1])
      own.append(crop.cuts(edges, width: whole[2], height: whole[3], tolerance: 20) ? 1 : 0)
    }
    return Difference(own, ofAsMany: try value.member("near").elements().map { $0.isTrue ? 1 : 0 })
  }

  // MARK: - Masks

  private func runLengths(_ value: ReferenceValue) throws(VerificationError) -> Difference {
    let runs = RunLengthMask(try value.member("mask_rows").mask())
    let text = try value.member("coco_rle").text()
    let counts = try value.member("rle").member("counts").integers()
    let isSame = runs.compressed == text && runs.counts.map { Int($0) } == counts
    let box = EdgeBox(runs.boundingBox)
    return Difference(
      [Double(runs.area), Double(box.left), Double(box.top), Double(box.right), Double(box.bottom)],
      ofAsMany: [try value.member("area").number()] + (try value.member("box_xyxy").numbers(4))
    ).joined(Difference(largest: isSame ? 0 : 1))
  }

  private func smallRegions(_ value: ReferenceValue) throws(VerificationError) -> Difference {
    let mask = RunLengthMask(try value.member("mask_rows").mask())
    let area = try value.member("area_thresh").number()
    let found =
      try value.member("mode").text() == "holes"
      ? mask.fillingHoles(smallerThan: area)
      : mask.removingIslands(smallerThan: area, keepingLargest: true)
    let expected = RunLengthMask(try value.member("result_rows").mask())
    let isChanged = try value.member("changed").isTrue
    let isAlike = (found ?? mask) == expected && (found != nil) == isChanged
    return Difference(largest: isAlike ? 0 : 1)
  }
}

extension Difference {
  /// Between values and references that should be as many; not a number where they are not.
  init(_ values: [Double], ofAsMany reference: [Double]) {
    self = values.count == reference.count ? Difference(values, reference) : Difference(largest: .nan)
  }
}

extension ReferenceValue {
  /// A number within bounds.
  func number(in range: ClosedRange<Double>) throws(VerificationError) -> Double {
    let number = try number()
    guard range.contains(number) else {
      throw unexpected("between \(range.lowerBound) and \(range.upperBound)")
    }
    return number
  }

  /// Left, top, right, bottom in whole pixels.
  fileprivate func edgeBox() throws(VerificationError) -> EdgeBox {
    let edges = try integers(4, in: -1_000_000...1_000_000)
    return EdgeBox(left: edges[0], top: edges[1], right: edges[2], bottom: edges[3])
  }

  /// A mask written as rows of 0 and 1.
  fileprivate func mask() throws(VerificationError) -> Mask {
    var bits: [UInt8] = []
    let rows = try elements()
    for row in rows { bits += try row.text().utf8.map { $0 == UInt8(ascii: "1") ? 1 : 0 } }
    guard !rows.isEmpty, bits.count % rows.count == 0 else { throw unexpected("equally long rows") }
    do throws(ImageError) {
      return try Mask(width: bits.count / rows.count, height: rows.count, bits: bits)
    } catch {
      throw .image(error)
    }
  }
}
