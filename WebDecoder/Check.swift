import Modeling
import Tensors

// Linked into the module that `scripts/check-embedded` runs, and not into the one for pages.

/// A decoder whose parameters follow a formula, or 0; the sizes are those of `sam_decoder_new`.
@c(sam_check_decoder)
public func checkDecoder(_ sizes: UnsafePointer<Int32>) -> UnsafeMutableRawPointer? {
  guard let configuration = ModelConfiguration(decoderSizes: sizes) else { return nil }
  let parameters = Formula.embedded.decoderParameters(configuration, on: .shared)
  guard let decoder = try? Decoder(Parameters(parameters), configuration) else { return nil }
  return Unmanaged.passRetained(decoder).toOpaque()
}

/// Fills in one of the inputs of the checks: numbers spread over [-`limit`, `limit`).
@c(sam_check_input)
public func checkInput(_ number: Int, _ count: Int, _ limit: Float, _ out: UnsafeMutablePointer<Float>) {
  let numbers = Formula.embedded.numbers("input\(number)", [count], limit: limit, on: .shared)
  numbers.withUnsafeBuffer { _ = UnsafeMutableBufferPointer(start: out, count: $0.count).update(from: $0) }
}
