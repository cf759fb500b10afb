internal import Imaging
internal import Modeling
internal import SegmentAnything
internal import Tensors

/// `stages`: one picture through the model of the folder's `model` part, stage by stage, then prompts on it.
enum StagesPart {
  static func steps(_ context: PartContext) throws(VerificationError) -> [PartStep] {
    [PartStep { (recorder) throws(VerificationError) in try StagesCheck(context, recorder).run() }]
  }
}

/// One picture and its reference values.
struct StagesCheck {
  let folder: ReferenceFolder
  let tolerances: Tolerances
  let recorder: Recorder
  let model: SAM
  let image: Image
  let geometry: ImageGeometry

  init(_ context: PartContext, _ recorder: Recorder) throws(VerificationError) {
    folder = context.folder
    tolerances = context.tolerances
    self.recorder = recorder
    model = try ModelPart.anyModel(context.root.folder("model"))
    let pictures = try folder.files("png", "jpg", "jpeg", "webp", "tif", "tiff")
    guard let picture = pictures.first else { throw .missing(path: folder.path, what: "the picture") }
    image = try folder.image(picture)
    geometry = ImageGeometry(
      width: image.width, height: image.height, model: model.configuration)
  }

  func run() throws(VerificationError) {
    recorder.attempt("image.safetensors") { () throws(VerificationError) in
      try compareStages(try folder.tensors("image.safetensors"))
    }
    let embedding: ImageEmbedding
    do throws(SAMError) { embedding = try model.embed(image) } catch { throw .model(error) }
    recorder.attempt("prompts.json") { () throws(VerificationError) in
      try comparePrompts(embedding)
    }
  }

  /// Preprocessing and the encoder's activations; those that the encoder reports under the names in the file.
  private func compareStages(_ file: ReferenceTensors) throws(VerificationError) {
    let size = model.configuration.imageSize
    let input = ModelInput(image, size: size, compute: model.compute)
    var seen: Set<String> = ["resized_uint8", "input", "dense_pe"]
    try comparePreprocessing(file, input.tensor)
    let activations = try tolerances.limit("stages.activations")
    let embedding: ImageEmbedding
    do throws(SAMError) {
      embedding = try model.embed(
        input.tensor, width: image.width, height: image.height,
        observe: ActivationObserver(internals: true) { name, value in
          if let windows = file[optional: name + "_windows"] {
            seen.insert(name + "_windows")
            compareWindows(name + "_windows", value, with: windows, activations)
          }
          guard let reference = file[optional: name] else { return }
          seen.insert(name)
          recorder.compare(name, layout(name).arrange(value), with: reference, activations)
        })
    } catch {
      throw .model(error)
    }
    seen.insert("image_embedding")
    let grid = model.configuration.embeddingSize
    let width = model.configuration.decoder.width
    recorder.compare(
      "image_embedding", Layout.channelsFirst.arrange(embedding.embedding.reshaped([1, grid, grid, width])),
      with: file[optional: "image_embedding"], activations)
    recorder.compare(
      "dense_pe", Layout.channelsFirst.arrange(model.positions.reshaped([1, grid, grid, width])),
      with: file[optional: "dense_pe"], try tolerances.limit("stages.dense_pe"))
    for name in file.names where !seen.contains(name) { recorder.skip(name) }
  }

  private func comparePreprocessing(_ file: ReferenceTensors, _ input: Tensor) throws(VerificationError) {
    if let reference = file[optional: "resized_uint8"] {
      let resized = image.resizedLongestSide(to: model.configuration.imageSize)
      recorder.compare(
        "resized_uint8",
        Tensor(resized.pixels.lazy.map(Float.init), shape: [resized.height, resized.width, 3]),
        with: reference, try tolerances.limit("stages.resized_uint8"))
    }
    recorder.compare(
      "input", input.permuted([2, 0, 1]), with: file[optional: "input"], try tolerances.limit("stages.input"))
  }

  /// The reference keeps a vision transformer's tokens channels last and everything else channels first.
  private func layout(_ name: String) -> Layout {
    guard case .viT = model.configuration.encoder else { return .channelsFirst }
    return name.hasPrefix("neck") ? .channelsFirst : .channelsLast
  }

  /// Attention in windows: the reference has padding's outputs as well, which this build never computes.
  private func compareWindows(
    _ name: String, _ value: Tensor, with reference: ReferenceTensor, _ limit: Limit
  ) {
    recorder.attempt(name) { () throws(VerificationError) in
      let (height, width, channels) = (value.shape[1], value.shape[2], value.shape[3])
      let shape = reference.shape
      guard shape.count == 4, shape[1] == shape[2], shape[1] > 0, shape[3] == channels else {
        throw reference.mismatch([0, 0, 0, channels])
      }
      let side = shape[1]
      let (rows, columns) = ((height + side - 1) / side, (width + side - 1) / side)
      guard shape[0] == rows * columns, value.shape[0] == 1 else {
        throw reference.mismatch([rows * columns, side, side, channels])
      }
      let expected = reference.floats()
      var sums = DifferenceSums()
      value.withUnsafeBuffer { tokens in
        for row in 0..<height {
          for column in 0..<width {
            let window = row / side * columns + column / side
            let at = ((window * side + row % side) * side + column % side) * channels
            let from = (row * width + column) * channels
            for channel in 0..<channels {
              sums.add(Double(tokens[from + channel]), Double(expected[at + channel]))
            }
          }
        }
      }
      recorder.record(
        name, sums.difference, limit,
        note: "\(height * width) of \(shape[0] * side * side) tokens; padding's outputs are never computed")
    }
  }
}
