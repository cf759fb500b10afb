internal import Kernels

/// Records operations while training, and carries gradients back through them (reverse-mode differentiation).
///
/// Nothing is recorded unless an operand is a variable of a tape, or was computed from one. Each operation's backward stands in the
/// file of its forward.
///
/// ```swift
/// let tape = Tape()
/// let w = tape.variable(weights)
/// let y = x.linear(w)
/// tape.backward(from: [(y, gradientOfLossByY)])
/// let g = tape.gradient(of: w)
/// ```
///
/// A tape belongs to one thread at a time. What it holds of the forward pass is freed as backward passes it.
public final class Tape: @unchecked Sendable {
  /// How the gradient of a result becomes gradients of what it was computed from.
  typealias Backward = (_ gradient: Tensor, _ gradients: Tape) -> Void

  private struct Entry {
    var gradient: Tensor?
    let backward: Backward?
    let shape: Shape
  }

  /// A variable or a result, in the order in which they were made.
  private var entries: [Entry] = []
  private var pauses = 0

  /// An empty tape.
  public init() {}

  /// The same values as something to differentiate by.
  public func variable(_ tensor: Tensor) -> Tensor {
    var result = tensor
    result.node = add(nil, shape: tensor.shape)
    return result
  }

  /// The gradient gathered for a variable, of its shape; nil where nothing depended on it.
  public func gradient(of variable: Tensor) -> Tensor? {
    guard let node = variable.node, node.tape === self, node.index < entries.count else { return nil }
    return entries[node.index].gradient?.reshaped(variable.shape)
  }

  /// A place on the tape, to go back to; see ``backward(from:to:)``.
  public struct Mark: Sendable {
    fileprivate let count: Int
  }

  /// Where the tape ends now.
  public var mark: Mark { Mark(count: entries.count) }

  /// Carries gradients back, through what was recorded after a mark, and forgets that part.
  ///
  /// Gradients of what was there before the mark are gathered, so that further operations can be recorded on it and carried back in
  /// turn: each round of prompts on one image embedding, say, and the encoder last.
  ///
  /// - Parameters:
  ///   - results: tensors that were computed from variables, each with the loss's gradient by it, of as many elements.
  ///   - mark: where to stop; nil to go back to the variables that were made first.
  public func backward(from results: [(of: Tensor, gradient: Tensor)], to mark: Mark? = nil) {
    for (result, gradient) in results {
      precondition(gradient.count == result.count, "a gradient for each element")
      accumulate(gradient, in: result.node)
    }
    let end = mark?.count ?? entries.prefix { $0.backward == nil }.count
    while entries.count > end {
      let entry = entries.removeLast()
      // What backward records (see `checkpointed`) comes after this entry, and is passed next.
      if let gradient = entry.gradient, let backward = entry.backward { backward(gradient, self) }
    }
  }

  /// Runs `body` without recording.
  func paused<Result>(_ body: () -> Result) -> Result {
    pauses += 1
    defer { pauses -= 1 }
    return body()
  }

  var isRecording: Bool { pauses == 0 }

  private func add(_ backward: Backward?, shape: Shape) -> Node {
    entries.append(Entry(gradient: nil, backward: backward, shape: shape))
    return Node(tape: self, index: entries.count - 1)
  }

  /// Records an operation by its result.
  func record(_ result: consuming Tensor, _ backward: @escaping Backward) -> Tensor {
    result.node = add(backward, shape: result.shape)
    return result
  }

  /// Adds a gradient to what has been gathered for an operand; an operand without node wants none.
  func accumulate(_ gradient: Tensor, in node: Node?) {
    guard let node else { return }
    precondition(node.tape === self && node.index < entries.count, "an operand of this tape, not yet passed")
    if let gathered = entries[node.index].gradient {
      entries[node.index].gradient = nil
      entries[node.index].gradient = gathered.adding(gradient)
    } else {
      entries[node.index].gradient = gradient
    }
  }

  /// Adds the gradient of a part of an operand, its elements from `position` on.
  func accumulate(_ gradient: Tensor, in node: Node?, at position: Int) {
    guard let node else { return }
    precondition(node.tape === self && node.index < entries.count, "an operand of this tape, not yet passed")
    let shape = entries[node.index].shape
    var gathered =
      entries[node.index].gradient ?? Tensor(repeating: 0, shape: shape, on: gradient.compute)
    entries[node.index].gradient = nil
    gathered.add(gradient, at: position)
    entries[node.index].gradient = gathered
  }
}

/// Where a tensor stands on a tape.
final class Node: Sendable {
  let tape: Tape
  let index: Int

  init(tape: Tape, index: Int) {
    self.tape = tape
    self.index = index
  }
}

extension Tape {
  /// The tape that an operation on these operands is to be recorded on; nil where none is a variable, or recording rests.
  @inline(__always)
  static func recording(
    _ first: Tensor?, _ second: Tensor? = nil, _ third: Tensor? = nil, _ fourth: Tensor? = nil
  ) -> Tape? {
    #if hasFeature(Embedded)
      return nil
    #else
      guard let tape = (first?.node ?? second?.node ?? third?.node ?? fourth?.node)?.tape, tape.isRecording
      else { return nil }
      return tape
    #endif
  }

  /// See ``recording(_:_:_:_:)``.
  @inline(__always)
  static func recording(_ operands: [Tensor]) -> Tape? {
    #if hasFeature(Embedded)
      return nil
    #else
      return recording(operands.first { $0.node != nil })
    #endif
  }
}

extension Tensor {
  /// Whether operations on this tensor are recorded.
  public var isRecorded: Bool { Tape.recording(self) != nil }

  /// The same values as a constant: gradients end here.
  public func detached() -> Tensor {
    var result = self
    result.node = nil
    return result
  }

  /// The outcome of `body`, of which the tape keeps nothing but `self`: it is computed again on the way back
  /// (arXiv 1604.06174). It must come to the same again.
  public func checkpointed(_ body: @escaping (Tensor) -> Tensor) -> Tensor {
    guard let tape = Tape.recording(self) else { return body(self) }
    let input = self
    let result = tape.paused { body(input) }
    return tape.record(result.detached()) { gradient, tape in
      tape.accumulate(gradient, in: body(input).node)
    }
  }

  /// Adds elements to those of this tensor from `position` on.
  fileprivate mutating func add(_ other: Tensor, at position: Int) {
    precondition(position >= 0 && position + other.count <= count, "a part of the tensor")
    withUnsafeMutableBuffer { elements in
      guard let base = elements.baseAddress else { return }
      other.withPointer { VectorKernels.best.add(base + position, $0, base + position, other.count) }
    }
  }
}
