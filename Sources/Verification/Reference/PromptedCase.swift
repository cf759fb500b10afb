internal import Imaging
internal import Modeling
internal import SegmentAnything
internal import Tensors

/// A prompt of a reference file, or a batch of them: equally many points each, a box each, or both.
struct PromptedCase {
  let name: String
  /// One list for each prompt of the batch.
  let points: [[PointPrompt]]?
  let boxes: [Box]?
  /// The logits of a mask prompt, 1 (or batch) x size/4 x size/4.
  var masks: Tensor?
  let batch: Int

  init(_ reference: ReferenceValue) throws(VerificationError) {
    name = try reference.member("name").text()
    if let points = reference[optional: "point_coords"] ?? reference[optional: "points"] {
      let labels = try reference.member(
        reference[optional: "point_labels"] == nil ? "labels" : "point_labels")
      self.points = try PromptReading.batch(points, labels)
    } else {
      points = nil
    }
    if let boxes = reference[optional: "box"] ?? reference[optional: "boxes"] {
      self.boxes = try PromptReading.boxes(boxes)
    } else {
      boxes = nil
    }
    batch = boxes?.count ?? points?.count ?? 1
    if let points, let boxes, points.count != boxes.count {
      throw reference.unexpected("a case with as many sets of points as boxes")
    }
  }

  /// The batch for the prompt encoder, in XY pixels of the model input: points, then a box's corners or a padding
  /// point.
  func modelPoints(_ geometry: ImageGeometry) -> (coordinates: Tensor, kinds: [PromptEncoder.PointKind]) {
    var coordinates: [Float] = []
    var kinds: [PromptEncoder.PointKind] = []
    func append(_ x: Float, _ y: Float, _ kind: PromptEncoder.PointKind) {
      let point = geometry.toModel(x: x, y: y)
      coordinates += [point.x, point.y]
      kinds.append(kind)
    }
    for index in 0..<batch {
      for point in points?[index] ?? [] {
        switch point.label {
        case .foreground: append(point.x, point.y, .foreground)
        case .background: append(point.x, point.y, .background)
        case .padding: append(point.x, point.y, .padding)
        }
      }
      if let box = boxes?[index] {
        append(box.x0, box.y0, .topLeft)
        append(box.x1, box.y1, .bottomRight)
      } else if points != nil {
        append(0, 0, .padding)
      }
    }
    return (Tensor(coordinates, shape: [batch, kinds.count / batch, 2]), kinds)
  }

  /// The batch as prompts of the library's own interface.
  func prompts() -> [Prompt] {
    (0..<batch).map { index in
      Prompt(
        points: points?[index] ?? [], box: boxes?[index],
        mask: masks.map { .logits($0[outermost: $0.shape[0] == 1 ? 0 : index]) })
    }
  }
}

extension Recorder {
  /// Compares a tensor with one of the same name in a file, if that is there.
  func compare(
    _ name: String, _ value: Tensor, with reference: ReferenceTensor?, _ limit: Limit, note: String? = nil
  ) {
    guard let reference else { return }
    attempt(name) { () throws(VerificationError) in
      record(name, try reference.difference(from: value), limit, note: note)
    }
  }

  /// Compares binary masks: the worst of them counts.
  func compare(
    _ name: String, masks: [[UInt8]], with reference: ReferenceTensor?, _ limit: Limit
  ) throws(VerificationError) {
    guard let reference else { return }
    let expected = try reference.bytes()
    let size = masks.first?.count ?? 0
    guard expected.count == masks.count * size, size > 0 else {
      throw reference.mismatch([masks.count, size])
    }
    var worst = 0
    for (index, mask) in masks.enumerated() {
      let differing = zip(mask, expected[index * size..<(index + 1) * size]).count { ($0 != 0) != ($1 != 0) }
      worst = max(worst, differing)
    }
    record(name, Difference(largest: Double(worst), relative: Double(worst) / Double(size)), limit)
  }

  /// Compares the areas of masks of `pixels` pixels, as listed in JSON.
  func compare(
    _ name: String, areas: [Int], pixels: Int, with reference: ReferenceValue?, _ limit: Limit
  ) throws(VerificationError) {
    guard let reference else { return }
    let expected = try reference.flatNumbers()
    guard expected.count == areas.count else { throw reference.unexpected("a list of \(areas.count)") }
    let difference = Difference(areas.map(Double.init), expected)
    record(
      name, Difference(largest: difference.largest, relative: difference.largest / Double(max(1, pixels))),
      limit)
  }

  /// Compares numbers with those listed in JSON.
  func compare(
    _ name: String, _ values: [Float], with reference: ReferenceValue?, _ limit: Limit
  ) throws(VerificationError) {
    guard let reference else { return }
    let expected = try reference.flatNumbers()
    guard expected.count == values.count else { throw reference.unexpected("a list of \(values.count)") }
    record(name, Difference(values.map(Double.init), expected), limit)
  }
}
