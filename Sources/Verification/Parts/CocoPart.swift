internal import Files
internal import Imaging

/// `coco`: run lengths, boxes, overlaps and polygons as pycocotools has them (`rle.json`), and its scores (`eval.json`).
enum CocoPart {
  static func steps(_ context: PartContext) throws(VerificationError) -> [PartStep] {
    [
      PartStep { (recorder) throws(VerificationError) in
        try CocoCheck(context, recorder).run()
        try scores(context, recorder)
      }
    ]
  }
}

private struct CocoCheck {
  let file: ReferenceValue
  let recorder: Recorder
  let exact: Limit
  let overlap: Limit

  init(_ context: PartContext, _ recorder: Recorder) throws(VerificationError) {
    file = try context.folder.json("rle.json")
    self.recorder = recorder
    exact = try context.tolerances.limit("coco.rle")
    overlap = try context.tolerances.limit("coco.iou")
  }

  func run() throws(VerificationError) {
    for mask in try file.member("masks").elements() {
      recorder.attempt(mask.place) { () throws(VerificationError) in try compare(mask: mask) }
    }
    let overlaps = try file.member("iou")
    recorder.attempt("iou") { () throws(VerificationError) in try compare(overlaps: overlaps) }
    recorder.attempt("iou.box") { () throws(VerificationError) in
      try compare(boxes: try overlaps.member("box"))
    }
    for polygon in try file.member("polygons").elements() {
      recorder.attempt(polygon.place) { () throws(VerificationError) in try compare(polygon: polygon) }
    }
  }

  /// A mask's text, area and box, its runs, and its pixels.
  private func compare(mask value: ReferenceValue) throws(VerificationError) {
    let name = try value[optional: "name"]?.text() ?? value.place
    let runs = try value.runLengthMask(counts: "rle")
    var isSame = try runs.compressed == value.member("rle").text()
    if let counts = try value[optional: "counts"]?.integers() {
      isSame = isSame && runs.counts.map { Int($0) } == counts
    }
    let mask = runs.mask
    isSame = isSame && RunLengthMask(mask) == runs
    if let digest = try value[optional: "sha256_rowmajor_u8"]?.text() {
      var own = SHA256()
      mask.bits.withUnsafeBytes { own.update($0) }
      isSame = isSame && own.hexadecimal == digest.lowercased()
    }
    try compare(name, runs, isSame: isSame, with: value)
  }

  private func compare(polygon value: ReferenceValue) throws(VerificationError) {
    let size = try value.member("size").integers(2, in: 1...20_000)
    var polygons: [[Double]] = []
    for polygon in try value.member("polygons").elements() { polygons.append(try polygon.numbers()) }
    let runs: RunLengthMask
    do throws(PolygonError) {
      runs = try RunLengthMask(polygons: polygons, width: size[1], height: size[0])
    } catch {
      throw value.unexpected("polygons")
    }
    try compare(value.place, runs, isSame: runs.compressed == value.member("rle").text(), with: value)
  }

  private func compare(
    _ name: String, _ runs: RunLengthMask, isSame: Bool, with value: ReferenceValue
  ) throws(VerificationError) {
    let box = BoxXYWH(runs.boundingBox)
    let numbers = Difference(
      [Double(runs.area), box.x, box.y, box.width, box.height],
      ofAsMany: [try value.member("area").number()] + (try value.member("bbox_xywh").numbers(4)))
    recorder.record(name, numbers.joined(Difference(largest: isSame ? 0 : 1)), exact)
  }

  private func compare(overlaps value: ReferenceValue) throws(VerificationError) {
    let size = try value.member("size")
    func masks(_ name: String) throws(VerificationError) -> [RunLengthMask] {
      var masks: [RunLengthMask] = []
      for text in try value.member(name).elements() { masks.append(try text.runLengthMask(size: size)) }
      return masks
    }
    let (detections, truth) = (try masks("dt"), try masks("gt"))
    let isCrowd = try value.member("iscrowd").integers().map { $0 == 1 }
    for (name, crowd) in [("iou_nocrowd", []), ("iou_crowd", isCrowd)] {
      let own = try combine(value) { () throws(RunLengthError) in
        try RunLengthMask.intersectionOverUnion(detections: detections, groundTruth: truth, isCrowd: crowd)
      }
      recorder.record(
        name, Difference(own.flatMap { $0 }, ofAsMany: try value.member(name).flatNumbers()), overlap)
    }
    let union = try combine(value) { () throws(RunLengthError) in
      try RunLengthMask.union(of: Array(detections.prefix(5)))
    }
    let intersection = try combine(value) { () throws(RunLengthError) in
      try RunLengthMask.intersection(of: Array(detections.dropFirst().prefix(2)))
    }
    for (name, own) in [("merge_union", union), ("merge_intersection", intersection)] {
      let isSame = try own?.compressed == value.member(name).text()
      recorder.record(name, Difference(largest: isSame ? 0 : 1), exact)
    }
  }

  private func combine<Result>(
    _ value: ReferenceValue, _ body: () throws(RunLengthError) -> Result
  ) throws(VerificationError) -> Result {
    do throws(RunLengthError) { return try body() } catch { throw value.unexpected("masks of one size") }
  }

  private func compare(boxes value: ReferenceValue) throws(VerificationError) {
    func boxes(_ name: String) throws(VerificationError) -> [BoxXYWH] {
      var boxes: [BoxXYWH] = []
      for box in try value.member(name).elements() {
        let numbers = try box.numbers(4)
        boxes.append(BoxXYWH(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3]))
      }
      return boxes
    }
    let (detections, truth) = (try boxes("dt_xywh"), try boxes("gt_xywh"))
    let crowd = try value.member("iscrowd").integers().map { $0 == 1 }
    guard crowd.count == truth.count else { throw value.unexpected("a flag for each box") }
    let own = detections.flatMap { detection in
      truth.indices.map { detection.intersectionOverUnion(with: truth[$0], isCrowd: crowd[$0]) }
    }
    recorder.record(
      "iou.box", Difference(own, ofAsMany: try value.member("iou").flatNumbers()), overlap)
  }
}

extension ReferenceValue {
  /// A mask as COCO writes it: an object of `size` and a text of runs under another name.
  func runLengthMask(counts name: String = "counts") throws(VerificationError) -> RunLengthMask {
    try member(name).runLengthMask(size: try member("size"))
  }

  /// A mask of that size from a text of runs.
  func runLengthMask(size: ReferenceValue) throws(VerificationError) -> RunLengthMask {
    let size = try size.integers(2, in: 1...20_000)
    let text = try text()
    do throws(RunLengthError) {
      return try RunLengthMask(compressed: text, width: size[1], height: size[0])
    } catch {
      throw unexpected("runs of a mask of \(size[1])x\(size[0]) pixels")
    }
  }
}
