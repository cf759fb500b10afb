import Modeling
import Tensors

// Linked into the module that `scripts/check-embedded` runs, and not into the one for pages.

/// A decoder of official form whose parameters follow a formula, with an image that does.
@c(sam_check_decoder)
public func checkDecoder(_ imageSize: Int, _ width: Int, _ mlpWidth: Int) -> UnsafeMutableRawPointer? {
  let formula = Formula(salt: "embedded:")
  let configuration = ModelConfiguration(
    imageSize: imageSize, encoder: .absent, decoder: DecoderConfiguration(width: width, mlpWidth: mlpWidth))
  let parameters = Parameters(formula.decoderParameters(configuration, on: .shared))
  guard let decoder = try? Decoder(parameters, configuration) else { return nil }
  let side = configuration.embeddingSize
  decoder.setImage(formula.numbers("image", [side, side, width], limit: 1, on: .shared), highResolution: nil)
  return Unmanaged.passRetained(decoder).toOpaque()
}

/// Fills in the mask prompt of the checks: size/4 x size/4 logits.
@c(sam_check_mask)
public func checkMask(_ side: Int, _ logits: UnsafeMutablePointer<Float>) {
  let numbers = Formula(salt: "embedded:").numbers("mask", [side, side], limit: 10, on: .shared)
  numbers.withUnsafeBuffer { _ = UnsafeMutableBufferPointer(start: logits, count: $0.count).update(from: $0) }
}
