internal import Imaging
internal import SegmentAnything

/// `amg`: everything mode, record by record, and the small functions it is made of.
enum AmgPart {
  static func steps(_ context: PartContext) throws(VerificationError) -> [PartStep] {
    [
      PartStep("units") { (recorder) throws(VerificationError) in
        try AmgUnits(context, recorder).run()
      },
      PartStep("records") { (recorder) throws(VerificationError) in
        try AmgRecords(context, recorder).run()
      },
    ]
  }
}

/// Whole runs of the generator.
private struct AmgRecords {
  let folder: ReferenceFolder
  let tolerances: Tolerances
  let recorder: Recorder
  let model: SAM

  init(_ context: PartContext, _ recorder: Recorder) throws(VerificationError) {
    folder = context.folder
    tolerances = context.tolerances
    self.recorder = recorder
    model = try ModelPart.anyModel(context.root.folder("model"))
  }

  func run() throws(VerificationError) {
    for run in try folder.json("amg.json").elements() {
      let image = try run.member("image").text()
      let name = "\(image) \(try run[optional: "config"]?.text() ?? run.place)"
      recorder.announce(name)
      recorder.attempt(name) { () throws(VerificationError) in try compare(run, name, image) }
    }
  }

  private func compare(_ run: ReferenceValue, _ name: String, _ image: String) throws(VerificationError) {
    let expected = try run.member("records").elements()
    let records: [AutomaticMask]
    let picture = try folder.image(image)
    let settings = try settings(run.member("params"))
    do throws(SAMError) {
      records = try AutomaticMaskGenerator(model, settings: settings).masks(in: picture)
    } catch {
      throw .model(error)
    }
    recorder.record("\(name) number of records", records.count, expected.count)
    guard records.count == expected.count else { return }
    var differences = RecordDifferences()
    for (record, reference) in zip(records, expected) { try differences.add(record, reference) }
    let note = "\(records.count) records"
    for (key, difference) in differences.values {
      recorder.record("\(name) \(key)", difference, try tolerances.limit("amg.\(key)"), note: note)
    }
    // How far a mask may differ is how far its area may; a limit that knows areas knows the stability's, too.
    let stability = try tolerances.root.member("amg").member("stability_score")
    recorder.record(
      "\(name) stability_score times area", Difference(largest: differences.stabilityTimesArea),
      .bounds(absolute: try stability.member("abs_times_area").number(), relative: nil), note: note)
  }

  private func settings(
    _ values: ReferenceValue
  ) throws(VerificationError) -> AutomaticMaskGenerator.Settings {
    var settings = AutomaticMaskGenerator.Settings.reference
    let sizes = 0...1_000_000_000
    settings.pointsPerSide = try values.member("points_per_side").integer(in: sizes)
    settings.pointsPerBatch = try values.member("points_per_batch").integer(in: sizes)
    settings.predictedIoUThreshold = Float(try values.member("pred_iou_thresh").number())
    settings.stabilityScoreThreshold = Float(try values.member("stability_score_thresh").number())
    settings.stabilityScoreOffset = Float(try values.member("stability_score_offset").number())
    settings.boxNMSThreshold = try values.member("box_nms_thresh").number()
    settings.cropLayers = try values.member("crop_n_layers").integer(in: 0...4)
    settings.cropNMSThreshold = try values.member("crop_nms_thresh").number()
    settings.cropOverlapRatio = try values.member("crop_overlap_ratio").number()
    settings.cropPointsDownscaleFactor = try values.member("crop_n_points_downscale_factor").integer(
      in: sizes)
    settings.minimumRegionArea = try values.member("min_mask_region_area").integer(in: sizes)
    return settings
  }
}

/// How far records lie from the reference's, field by field.
private struct RecordDifferences {
  private(set) var values: [(key: String, difference: Difference)] = []
  private(set) var stabilityTimesArea = 0.0

  mutating func add(_ record: AutomaticMask, _ reference: ReferenceValue) throws(VerificationError) {
    try addMask(record, reference)
    let box = record.box
    add("bbox", [box.x, box.y, box.width, box.height], try reference.member("bbox").numbers(4))
    let points = try reference.member("point_coords").flatNumbers()
    guard points.count == 2 else { throw reference.unexpected("a record with one point") }
    add("point_coords", [record.point.x, record.point.y], points)
    let crop = record.cropBox
    add("crop_box", [crop.x, crop.y, crop.width, crop.height], try reference.member("crop_box").numbers(4))
    add(
      "predicted_iou", [Double(record.predictedIoU)], [try reference.member("predicted_iou").number()])
    let stability = try reference.member("stability_score").number()
    stabilityTimesArea = Difference.worse(
      stabilityTimesArea, (Double(record.stabilityScore) - stability).magnitude * Double(record.area))
  }

  private mutating func addMask(
    _ record: AutomaticMask, _ reference: ReferenceValue
  ) throws(VerificationError) {
    let mask = try reference.member("segmentation").runLengthMask()
    let shared: Int
    do throws(RunLengthError) { shared = try record.segmentation.intersectionArea(with: mask) } catch {
      throw reference.unexpected("a mask of the image's size")
    }
    let differing = mask.area + record.segmentation.area - 2 * shared
    // The area is the mask's, whatever the mask is.
    let area = try reference.member("area").integer()
    let isConsistent = record.area == record.segmentation.area && mask.area == area
    add(
      "masks",
      Difference(
        largest: isConsistent ? Double(differing) : .nan,
        relative: isConsistent ? Double(differing) / Double(mask.width * mask.height) : .nan))
  }

  private mutating func add(_ key: String, _ numbers: [Double], _ expected: [Double]) {
    add(key, Difference(numbers, expected))
  }

  private mutating func add(_ key: String, _ difference: Difference) {
    if let index = values.firstIndex(where: { $0.key == key }) {
      values[index].difference = values[index].difference.joined(difference)
    } else {
      values.append((key, difference))
    }
  }
}
