internal import Files
internal import Imaging
internal import SegmentAnything

/// `preprocess`: resizing, byte for byte; sizes and coordinates of resized images.
enum PreprocessPart {
  static func steps(_ context: PartContext) throws(VerificationError) -> [PartStep] {
    [PartStep { (recorder) throws(VerificationError) in try check(context, recorder) }]
  }

  private static func check(_ context: PartContext, _ recorder: Recorder) throws(VerificationError) {
    let file = try context.folder.json("preprocess.json")
    if let images = file[optional: "images"] {
      let limit = try context.tolerances.limit("preprocess.resized_uint8")
      for image in try images.elements() {
        recorder.attempt(image.place) { () throws(VerificationError) in
          try compare(image, in: context.folder, recorder, limit)
        }
      }
    }
    if let rows = file[optional: "preprocess_shapes"] {
      let limit = try context.tolerances.limit("preprocess.shapes")
      recorder.attempt("preprocess_shapes") { () throws(VerificationError) in
        try shapes(rows, recorder, limit)
      }
    }
    if let list = file[optional: "coords"] {
      let limit = try context.tolerances.limit("preprocess.coords")
      for coordinates in try list.elements() {
        recorder.attempt(coordinates.place) { () throws(VerificationError) in
          try compare(coordinates: coordinates, recorder, limit)
        }
      }
    }
  }

  /// One image at one size.
  private static func compare(
    _ case: ReferenceValue, in folder: ReferenceFolder, _ recorder: Recorder, _ limit: Limit
  ) throws(VerificationError) {
    let input = try `case`.member("input").text()
    let target = try `case`.member("target").integer(in: 1...16384)
    let name = "\(input) to \(target)"
    let resized = try folder.image(input).resizedLongestSide(to: target)
    if let size = try `case`[optional: "size_hw"]?.numbers(2) {
      recorder.record(
        name + " size", Difference([Double(resized.height), Double(resized.width)], size), .exact)
    }
    if let file = try `case`[optional: "file"]?.text() {
      let expected = try folder.image(file)
      guard expected.width == resized.width, expected.height == resized.height else {
        throw .inconsistent(
          path: folder.file(file),
          what:
            "\(expected.width)x\(expected.height) pixels, this build's are \(resized.width)x\(resized.height)"
        )
      }
      recorder.record(
        name, Difference(resized.pixels.map(Double.init), expected.pixels.map(Double.init)), limit)
    }
    if let digest = try `case`[optional: "sha256_rgb"]?.text() {
      var own = SHA256()
      resized.pixels.withUnsafeBytes { own.update($0) }
      if own.hexadecimal == digest.lowercased() {
        recorder.record(name + " SHA-256", .none, .exact)
      } else {
        recorder.fail(
          name + " SHA-256",
          "\(folder.file("preprocess.json")): sha256_rgb is \(digest), this build's \(own.hexadecimal)")
      }
    }
  }

  /// Rows of height, width, target, new height, new width.
  private static func shapes(
    _ rows: ReferenceValue, _ recorder: Recorder, _ limit: Limit
  ) throws(VerificationError) {
    var (values, expected): ([Double], [Double]) = ([], [])
    for row in try rows.elements() {
      let numbers = try row.integers(5, in: 0...1_000_000_000)
      let size = Image.longestSideSize(width: numbers[1], height: numbers[0], target: numbers[2])
      values += [Double(size.height), Double(size.width)]
      // The reference lets the short side of a very long image round to nothing; here an image keeps a pixel.
      expected += [Double(max(1, numbers[3])), Double(max(1, numbers[4]))]
    }
    recorder.record(
      "preprocess_shapes", Difference(values, expected), limit,
      note: "\(values.count / 2) sizes; a side that rounds to 0 counts as 1")
  }

  /// Points and boxes from the original image's pixels to the model input's.
  private static func compare(
    coordinates: ReferenceValue, _ recorder: Recorder, _ limit: Limit
  ) throws(VerificationError) {
    let size = try coordinates.member("original_hw").integers(2, in: 1...1_000_000)
    let target = try coordinates.member("target").integer(in: 1...16384)
    let geometry = ImageGeometry(
      width: size[1], height: size[0], imageSize: target, lowResolutionSize: target / 4)
    for (kind, from, to) in [("points", "in_xy", "out_xy"), ("boxes", "box_in", "box_out")] {
      guard let input = try coordinates[optional: from]?.flatNumbers() else { continue }
      let expected = try coordinates.member(to).flatNumbers()
      guard input.count == expected.count, input.count % 2 == 0 else {
        throw coordinates.unexpected("as many coordinates in as out")
      }
      var values: [Double] = []
      for index in stride(from: 0, to: input.count, by: 2) {
        let point = geometry.toModel(x: Float(input[index]), y: Float(input[index + 1]))
        values += [Double(point.x), Double(point.y)]
      }
      recorder.record("\(size[1])x\(size[0]) to \(target) \(kind)", Difference(values, expected), limit)
    }
  }
}
