internal import Imaging
internal import Modeling
internal import SegmentAnything
internal import Tensors

/// `nano`: the small hybrid model on a photo: stages, some of them thinned out, and all masks of each prompt.
enum NanoPart {
  static func steps(_ context: PartContext) throws(VerificationError) -> [PartStep] {
    [PartStep { (recorder) throws(VerificationError) in try NanoCheck(context, recorder).run() }]
  }
}

/// One photo and its reference values.
private struct NanoCheck {
  let tolerances: Tolerances
  let recorder: Recorder
  let file: ReferenceTensors
  let list: ReferenceValue
  let model: SAM
  /// The photo; where it is not at hand, the reference's resized copy of it.
  let image: Image
  let isPhoto: Bool
  let geometry: ImageGeometry

  private static let references = "golden.safetensors"

  init(_ context: PartContext, _ recorder: Recorder) throws(VerificationError) {
    tolerances = context.tolerances
    self.recorder = recorder
    let folder = context.folder
    file = try folder.tensors(NanoCheck.references)
    list = try folder.json("prompts.json")
    guard let weights = try folder.files("safetensors", "pth").first(where: { $0 != NanoCheck.references })
    else {
      throw .missing(path: folder.path, what: "the model's checkpoint")
    }
    model = try ModelPart.model(folder.file(weights))
    let photo = try NanoCheck.photo(list, context)
    isPhoto = photo != nil
    if let photo {
      image = photo
      geometry = ImageGeometry(width: photo.width, height: photo.height, model: model.configuration)
    } else {
      let resized = try file.tensor("resized_uint8")
      let bytes = try resized.bytes()
      guard resized.shape.count == 3, resized.shape[2] == 3 else { throw resized.mismatch([0, 0, 3]) }
      do throws(ImageError) {
        image = try Image(width: resized.shape[1], height: resized.shape[0], pixels: bytes)
      } catch {
        throw .image(error)
      }
      let size = try list.member("size").integers(2, in: 1...100_000)
      geometry = ImageGeometry(width: size[1], height: size[0], model: model.configuration)
    }
  }

  /// The photo lies in `photos` beside the whole folder or inside it, or in the part itself.
  private static func photo(
    _ list: ReferenceValue, _ context: PartContext
  ) throws(VerificationError) -> Image? {
    let name = try list.member("photo").text()
    let places = [context.root.folder("../photos"), context.root.folder("photos"), context.folder]
    for place in places where place.has(name) { return try place.image(name) }
    return nil
  }

  func run() throws(VerificationError) {
    let embedding = try compareStages()
    for reference in try list.member("cases").elements() {
      recorder.attempt(reference.place) { () throws(VerificationError) in try compare(reference, embedding) }
    }
  }

  private func compareStages() throws(VerificationError) -> ImageEmbedding {
    let size = model.configuration.imageSize
    for (key, own) in [
      ("size", (geometry.height, geometry.width)), ("resized", (geometry.inputHeight, geometry.inputWidth)),
    ] {
      guard let expected = try list[optional: key]?.numbers(2) else { continue }
      recorder.record(key, Difference([Double(own.0), Double(own.1)], expected), .exact)
    }
    if isPhoto {
      let resized = image.resizedLongestSide(to: size)
      recorder.compare(
        "resized_uint8",
        Tensor(resized.pixels.lazy.map(Float.init), shape: [resized.height, resized.width, 3]),
        with: file[optional: "resized_uint8"],
        try tolerances.limitOrExact("nano.resized_uint8", "stages.resized_uint8", "preprocess.resized_uint8"))
    } else {
      recorder.skip("resized_uint8")
    }

    let limit = try tolerances.limit("nano.stages")
    var seen: Set<String> = ["resized_uint8"]
    func compare(_ name: String, _ value: Tensor) {
      guard let reference = file[optional: name] else { return }
      seen.insert(name)
      recorder.attempt(name) { () throws(VerificationError) in
        guard reference.shape.count == 4,
          let thinned = value.thinned(height: reference.shape[2], width: reference.shape[3])
        else { throw reference.mismatch([value.shape[0], value.shape[3], value.shape[1], value.shape[2]]) }
        let step = value.shape[1] / max(1, thinned.shape[1])
        recorder.compare(
          name, Layout.channelsFirst.arrange(thinned), with: reference, limit,
          note: step > 1 ? "every \(step). row and column" : nil)
      }
    }
    let embedding: ImageEmbedding
    do throws(SAMError) {
      embedding = try model.embed(
        ModelInput(image, size: size, compute: model.compute).tensor, width: geometry.width,
        height: geometry.height,
        observe: ActivationObserver(compare))
    } catch {
      throw .model(error)
    }
    if let highResolution = embedding.highResolution {
      compare("high_res_s0", highResolution.s0.asBatch)
      compare("high_res_s1", highResolution.s1.asBatch)
    }
    compare("image_embedding", embedding.embedding.asBatch)
    let cases = try list.member("cases").elements()
    for reference in cases {
      let name = try reference.member("name").text()
      seen.formUnion(["low_res_logits", "iou_predictions", "masks"].map { "\(name).\($0)" })
    }
    for name in file.names where !seen.contains(name) { recorder.skip(name) }
    return embedding
  }

  /// All masks of a prompt at once, and the same through the library's interface, which gives them in two calls.
  private func compare(_ reference: ReferenceValue, _ embedding: ImageEmbedding) throws(VerificationError) {
    let prompt = try PromptedCase(reference)
    guard prompt.batch == 1 else { throw reference.unexpected("a single prompt") }
    let points = prompt.modelPoints(geometry)
    let output = model.maskDecoder(
      MaskDecoder.ImageFeatures(
        embedding: embedding.embedding, positions: model.positions, highResolution: embedding.highResolution),
      prompts: model.promptEncoder(coordinates: points.coordinates, kinds: points.kinds, masks: nil),
      masks: 0..<model.maskDecoder.multimaskRange.upperBound)
    let logits = output.logits[outermost: 0]
    try compare(
      prompt.name, prompt.name, logits, output.iouPredictions.elements, geometry.upsampling.masks(logits),
      reference)

    let (single, several): (Prediction, Prediction)
    do throws(SAMError) {
      single = try model.predict(prompt.prompts(), in: embedding, multimask: false)[0]
      several = try model.predict(prompt.prompts(), in: embedding, multimask: true)[0]
    } catch {
      throw .model(error)
    }
    try compare(
      prompt.name + " predict", prompt.name,
      Tensor.concatenating([single.lowResolutionLogits, several.lowResolutionLogits]),
      single.iouPredictions + several.iouPredictions, (single.masks + several.masks).map(\.bits), reference)
  }

  private func compare(
    _ label: String, _ name: String, _ logits: Tensor, _ iouPredictions: [Float], _ masks: [[UInt8]],
    _ reference: ReferenceValue
  ) throws(VerificationError) {
    recorder.compare(
      "\(label).low_res_logits", logits, with: file[optional: "\(name).low_res_logits"],
      try tolerances.limit("nano.low_res_logits"))
    let iouLimit = try tolerances.limit("nano.iou_predictions")
    recorder.compare(
      "\(label).iou_predictions", Tensor(iouPredictions, shape: [iouPredictions.count]),
      with: file[optional: "\(name).iou_predictions"], iouLimit)
    try recorder.compare(
      "\(label) iou_predictions in prompts.json", iouPredictions,
      with: reference[optional: "iou_predictions"], iouLimit)
    let maskLimit = try tolerances.limit("nano.masks")
    try recorder.compare("\(label).masks", masks: masks, with: file[optional: "\(name).masks"], maskLimit)
    try recorder.compare(
      "\(label) mask_areas in prompts.json", areas: masks.map { $0.count { $0 != 0 } },
      pixels: geometry.width * geometry.height, with: reference[optional: "mask_areas"], maskLimit)
  }
}

extension Tensor {
  /// A single image as a batch of one.
  fileprivate var asBatch: Tensor {
    shape.count == 3 ? reshaped([1, shape[0], shape[1], shape[2]]) : self
  }
}
