/// A contiguous, row-major array of 32-bit floats with value semantics.
///
/// Copies share memory until one of them is written. The memory is recycled by the tensor's ``Compute`` when
/// the last copy goes, or is a view of a mapped checkpoint file that is never copied unless written. Such a view may
/// also be of half-precision numbers, which are read as floats (`Tensor+Halves.swift`).
///
/// ```swift
/// let x = Tensor([1, 2, 3, 4], shape: [2, 2])
/// let y = x + x
/// y[[1, 0]]  // 6
/// ```
///
/// Operations are few and large (`Operations/`): they allocate their result from the first operand's
/// compute, run on its threads, and check the shapes of their operands with preconditions, because a
/// model's modules have checked the checkpoint's shapes when they were made. Nothing here reads files.
public struct Tensor: Sendable {
  /// The sizes of the dimensions, outermost first.
  public internal(set) var shape: Shape
  var storage: Storage
  /// Where this tensor's elements begin in the storage.
  var offset: Int
  /// Where it stands on a tape, while training; see ``Tape``. A reshaped tensor stands at the same place.
  var node: Node?

  /// A tensor whose elements are not yet set; the caller writes them all.
  public init(uninitialized shape: Shape, on compute: Compute = .shared) {
    self.shape = shape
    self.storage = Storage(count: shape.elementCount, on: compute)
    self.offset = 0
  }

  /// A tensor of the given elements in row-major order; there are as many as the shape says.
  public init(_ elements: some Collection<Float>, shape: Shape, on compute: Compute = .shared) {
    precondition(elements.count == shape.elementCount, "as many elements as the shape holds")
    self.init(uninitialized: shape, on: compute)
    _ = UnsafeMutableBufferPointer(start: storage.base, count: storage.count).initialize(from: elements)
  }

  /// A tensor that holds one value everywhere.
  public init(repeating value: Float, shape: Shape, on compute: Compute = .shared) {
    self.init(uninitialized: shape, on: compute)
    storage.base.initialize(repeating: value, count: shape.elementCount)
  }

  /// A read-only view of memory that `keeper` keeps valid for as long as it lives, such as a mapped file.
  ///
  /// - Parameters:
  ///   - base: the first element; 4-byte alignment is enough.
  ///   - shape: the sizes; the memory holds at least their product.
  ///   - keeper: an object whose lifetime spans that of the memory.
  ///   - compute: where operations on this tensor run.
  public init(
    borrowing base: UnsafePointer<Float>, shape: Shape, keeper: AnyObject, compute: Compute = .shared
  ) {
    self.shape = shape
    self.storage = Storage(
      borrowing: base, isHalf: false, count: shape.elementCount, keeper: keeper, compute: compute)
    self.offset = 0
  }

  /// The number of elements.
  public var count: Int { shape.elementCount }

  /// Where this tensor's operations run.
  public var compute: Compute { storage.compute }
}

extension Tensor {
  /// Calls `body` with the elements, in row-major order.
  @inline(__always)
  public func withUnsafeBuffer<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let (storage, offset) = readable
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeBufferPointer(start: storage.base + offset, count: count))
  }

  /// Calls `body` with the elements for writing; copies them first where the memory is shared or read-only.
  @inline(__always)
  public mutating func withUnsafeMutableBuffer<Result, Failure: Error>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    makeUnique()
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeMutableBufferPointer(start: storage.base + offset, count: count))
  }

  /// Whether writing would not copy.
  mutating func isUnique() -> Bool {
    isKnownUniquelyReferenced(&storage) && storage.isWritable
  }

  mutating func makeUnique() {
    // What is written is no longer what was recorded.
    node = nil
    guard !isUnique() else { return }
    guard !isHalf else {
      (storage, offset) = readable
      return
    }
    let copy = Storage(count: count, on: storage.compute)
    copy.base.initialize(from: storage.base + offset, count: count)
    storage = copy
    offset = 0
  }

  /// The elements, copied into an array in row-major order.
  public var elements: [Float] { withUnsafeBuffer { Array($0) } }

  /// The element at the given index of each dimension.
  public subscript(index: [Int]) -> Float {
    precondition(index.count == shape.count, "one index for each dimension")
    var position = 0
    for (dimension, value) in index.enumerated() {
      precondition(value >= 0 && value < shape[dimension], "index within the shape")
      position = position * shape[dimension] + value
    }
    return withUnsafeBuffer { $0[position] }
  }

  /// The same elements under another shape of as many elements; shares the memory.
  public func reshaped(_ shape: Shape) -> Tensor {
    precondition(shape.elementCount == count, "reshaping keeps the number of elements")
    var result = self
    result.shape = shape
    return result
  }

  /// The slice `[index, ...]` of the outermost dimension; shares the memory.
  public subscript(outermost index: Int) -> Tensor {
    self[outermost: index..<index + 1].reshaped(Shape(dropping: shape))
  }

  /// The slices of a range of the outermost dimension; shares the memory.
  public subscript(outermost range: Range<Int>) -> Tensor {
    precondition(
      shape.count > 0 && range.lowerBound >= 0 && range.upperBound <= shape[0], "range within the shape")
    var result = self
    let position = range.lowerBound * (shape[0] == 0 ? 0 : count / shape[0])
    result.offset += position
    result.shape[0] = range.count
    guard let tape = Tape.recording(self) else { return result }
    return tape.record(result) { [node] gradient, tape in tape.accumulate(gradient, in: node, at: position) }
  }

  /// The same elements belonging to another compute: later operations run there.
  public func on(_ compute: Compute) -> Tensor {
    guard compute !== storage.compute else { return self }
    var result = self
    result.storage = Storage(sharing: storage, compute: compute)
    return result
  }
}

extension Shape {
  /// The shape without its outermost dimension.
  init(dropping shape: Shape) {
    self.init()
    for size in shape.dropFirst() { append(size) }
  }
}
