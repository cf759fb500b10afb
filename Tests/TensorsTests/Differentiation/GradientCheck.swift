import Tensors
import TestSupport
import Testing

/// A function of some tensors, checked against finite differences.
struct GradientCase: CustomTestStringConvertible, Sendable {
  let name: String
  let shapes: [Shape]
  /// Numbers are drawn from −scale to scale.
  var scale: Float = 1
  let function: @Sendable ([Tensor]) -> Tensor
  var testDescription: String { name }
}

extension GradientCase {
  /// Compares the gradient by each operand with differences of the function, along random directions.
  ///
  /// The loss is a sum of the results weighted at random. Differences are taken at two distances, and extrapolated to none.
  func check(sourceLocation: SourceLocation = #_sourceLocation) {
    let operands = shapes.enumerated().map { index, shape in
      Tensor.random(shape, seed: UInt64(17 + index), scale: scale)
    }
    let plain = function(operands)
    let weights = Tensor.random(plain.shape, seed: 3)

    let tape = Tape()
    let variables = operands.map { tape.variable($0) }
    let result = function(variables)
    #expect(result.isRecorded, "the result is recorded", sourceLocation: sourceLocation)
    for (recorded, value) in zip(result.elements, plain.elements) {
      let isClose = abs(recorded - value) <= 2e-5 * max(1, abs(value))
      if !isClose {
        Issue.record("\(name): \(recorded) recorded, \(value) not", sourceLocation: sourceLocation)
        break
      }
    }
    tape.backward(from: [(result, weights)])

    func loss(_ operands: [Tensor]) -> Double {
      zip(function(operands).elements, weights.elements).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    for index in operands.indices {
      guard let gradient = tape.gradient(of: variables[index]) else {
        Issue.record("\(name): no gradient for operand \(index)", sourceLocation: sourceLocation)
        continue
      }
      #expect(gradient.shape == operands[index].shape, sourceLocation: sourceLocation)
      for direction in 0..<3 {
        let d = Tensor.random(operands[index].shape, seed: UInt64(100 * index + direction + 1))
        func difference(_ step: Float) -> Double {
          func moved(_ by: Float) -> [Tensor] {
            var moved = operands
            moved[index] = Tensor(
              zip(operands[index].elements, d.elements).map { $0 + by * $1 }, shape: operands[index].shape)
            return moved
          }
          return (loss(moved(step)) - loss(moved(-step))) / Double(2 * step)
        }
        let (near, far) = (difference(1e-2 * scale), difference(2e-2 * scale))
        let expected = near + (near - far) / 3
        let found = zip(gradient.elements, d.elements).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        let size = zip(gradient.elements, d.elements).reduce(0) {
          $0 + Double($1.0 * $1.1) * Double($1.0 * $1.1)
        }
        #expect(
          abs(found - expected) <= 2e-3 * size.squareRoot() + 2e-3 * abs(expected) + 1e-4,
          "\(name), operand \(index), direction \(direction): \(found), by differences \(expected)",
          sourceLocation: sourceLocation)
      }
    }
  }
}
