import Modeling
import Tensors

// The functions that a page calls. Objects are handles, and arrays lie in the module's memory, which the page gets with
// `malloc`. Whatever the page passes, a wrong number is answered with 0 and not with a trap.

/// A model's parameters while the page hands them over.
final class Loading {
  var tensors: [String: Tensor] = [:]
  /// Why there is no decoder.
  var problem = ""
}

/// Memory that the page got with `malloc` and has handed over.
private final class HandedOver {
  let start: UnsafeMutableRawPointer
  init(_ start: UnsafeMutableRawPointer) { self.start = start }
  deinit { start.deallocate() }
}

private func handle(_ object: some AnyObject) -> UnsafeMutableRawPointer {
  Unmanaged.passRetained(object).toOpaque()
}

private func object<Object: AnyObject>(_ handle: UnsafeMutableRawPointer, as type: Object.Type) -> Object {
  Unmanaged<Object>.fromOpaque(handle).takeUnretainedValue()
}

/// A new, empty set of parameters.
@c(sam_parameters_new)
public func newParameters() -> UnsafeMutableRawPointer { handle(Loading()) }

/// Adds a tensor; its name, UTF-8, is copied, and its elements are taken over. Returns 1, or 0 where the shape is impossible.
@c(sam_parameters_add)
public func addParameter(
  _ parameters: UnsafeMutableRawPointer, _ name: UnsafePointer<UInt8>, _ nameLength: Int,
  _ elements: UnsafeMutableRawPointer, _ sizes: UnsafePointer<Int32>, _ rank: Int
) -> Int32 {
  let keeper = HandedOver(elements)
  guard nameLength >= 0, rank >= 0,
    let shape = Shape(checking: UnsafeBufferPointer(start: sizes, count: rank).map { Int($0) })
  else { return 0 }
  let name = String(decoding: UnsafeBufferPointer(start: name, count: nameLength), as: UTF8.self)
  object(parameters, as: Loading.self).tensors[name] = Tensor(
    borrowing: elements.assumingMemoryBound(to: Float.self), shape: shape, keeper: keeper)
  return 1
}

/// Why the last decoder could not be made, as at most `capacity` bytes of UTF-8; returns how many.
@c(sam_parameters_problem)
public func problem(
  _ parameters: UnsafeMutableRawPointer, _ text: UnsafeMutablePointer<UInt8>, _ capacity: Int
) -> Int {
  var count = 0
  for byte in object(parameters, as: Loading.self).problem.utf8 where count < capacity {
    text[count] = byte
    count += 1
  }
  return count
}

/// Forgets the parameters; decoders made from them keep what they need.
@c(sam_parameters_free)
public func freeParameters(_ parameters: UnsafeMutableRawPointer) {
  Unmanaged<Loading>.fromOpaque(parameters).release()
}

/// A decoder, or 0 where the parameters do not fit; then `sam_parameters_problem` says why.
///
/// - Parameter sizes: ten numbers: side of the model input in pixels, then width, mask input channels, depth, heads, MLP width,
///   attention downsampling, masks for ambiguous prompts, depth and width of the IoU head (``DecoderConfiguration``).
@c(sam_decoder_new)
public func newDecoder(
  _ parameters: UnsafeMutableRawPointer, _ sizes: UnsafePointer<Int32>
) -> UnsafeMutableRawPointer? {
  let loading = object(parameters, as: Loading.self)
  let sizes = (0..<10).map { Int(sizes[$0]) }
  let configuration = ModelConfiguration(
    imageSize: sizes[0], encoder: .absent,
    decoder: DecoderConfiguration(
      width: sizes[1], maskInputChannels: sizes[2], depth: sizes[3], heads: sizes[4], mlpWidth: sizes[5],
      attentionDownsampling: sizes[6], multimaskOutputs: sizes[7], iouHeadDepth: sizes[8],
      iouHeadWidth: sizes[9]))
  guard sizes.allSatisfy({ 1...(1 << 14) ~= $0 }), sizes[0] % configuration.stride == 0 else {
    loading.problem = "a size is out of range"
    return nil
  }
  do throws(ModelError) {
    return handle(try Decoder(Parameters(loading.tensors), configuration))
  } catch {
    loading.problem = error.description
    return nil
  }
}

/// Forgets a decoder.
@c(sam_decoder_free)
public func freeDecoder(_ decoder: UnsafeMutableRawPointer) {
  Unmanaged<Decoder>.fromOpaque(decoder).release()
}

/// Sets the image of the prompts to come; the numbers are copied.
///
/// - Parameters:
///   - embedding: size/16 x size/16 x width.
///   - s0: size/4 x size/4 x width/8, for models with high-resolution features, or 0.
///   - s1: size/8 x size/8 x width/4, likewise.
@c(sam_decoder_set_image)
public func setImage(
  _ decoder: UnsafeMutableRawPointer, _ embedding: UnsafePointer<Float>, _ s0: UnsafePointer<Float>?,
  _ s1: UnsafePointer<Float>?
) {
  let decoder = object(decoder, as: Decoder.self)
  let (side, width) = (decoder.configuration.embeddingSize, decoder.configuration.decoder.width)
  func square(_ start: UnsafePointer<Float>, _ side: Int, _ channels: Int) -> Tensor {
    let elements = UnsafeBufferPointer(start: start, count: side * side * channels)
    return Tensor(elements, shape: [side, side, channels])
  }
  decoder.setImage(
    square(embedding, side, width),
    highResolution: s0.flatMap { s0 in
      s1.map { (s0: square(s0, 4 * side, width / 8), s1: square($0, 2 * side, width / 4)) }
    })
}

/// Decodes one prompt. Returns 1, or 0 where there is no image, a point's kind is unknown, or there are no such masks.
///
/// - Parameters:
///   - coordinates: `count` points, XY pixels of the model input; box corners are points as well. The page appends a
///     padding point to points without a box.
///   - kinds: numbers of ``PromptEncoder/PointKind``.
///   - mask: size/4 x size/4 logits, or 0.
///   - firstMask: 0 for an unambiguous prompt, 1 for the masks of an ambiguous one.
///   - maskCount: how many masks.
///   - logits: where they go, masks x size/4 x size/4.
///   - iouPredictions: where they go, one for each mask.
@c(sam_decoder_decode)
public func decode(
  _ decoder: UnsafeMutableRawPointer, _ coordinates: UnsafePointer<Float>, _ kinds: UnsafePointer<Int32>,
  _ count: Int, _ mask: UnsafePointer<Float>?, _ firstMask: Int, _ maskCount: Int,
  _ logits: UnsafeMutablePointer<Float>, _ iouPredictions: UnsafeMutablePointer<Float>
) -> Int32 {
  let decoder = object(decoder, as: Decoder.self)
  let side = decoder.configuration.lowResolutionSize
  guard 0...1024 ~= count, firstMask >= 0, maskCount > 0, firstMask < decoder.maskCount,
    maskCount <= decoder.maskCount - firstMask
  else { return 0 }
  let kinds = (0..<count).compactMap { PromptEncoder.PointKind(rawValue: Int(kinds[$0])) }
  guard kinds.count == count else { return 0 }
  let output = decoder.decode(
    Tensor(UnsafeBufferPointer(start: coordinates, count: 2 * count), shape: [1, count, 2]), kinds,
    mask: mask.map { Tensor(UnsafeBufferPointer(start: $0, count: side * side), shape: [1, side, side]) },
    masks: firstMask..<firstMask + maskCount)
  guard let output else { return 0 }
  output.logits.withUnsafeBuffer {
    _ = UnsafeMutableBufferPointer(start: logits, count: $0.count).update(from: $0)
  }
  output.iouPredictions.withUnsafeBuffer {
    _ = UnsafeMutableBufferPointer(start: iouPredictions, count: $0.count).update(from: $0)
  }
  return 1
}
