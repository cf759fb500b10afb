#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Memory for what kernels read and write: each piece lies directly before a page which can neither be read nor
/// written, so that a kernel that goes beyond the end stops the test, and behind bytes that show what was written
/// before its beginning. First elements are aligned to no more than their size, except by accident of the count.
///
/// The owner releases it explicitly, so that no pointer outlives it:
///
/// ```swift
/// let memory = FencedMemory()
/// defer { memory.release() }
/// ```
final class FencedMemory {
  private var regions: [(base: UnsafeMutableRawPointer, size: Int)] = []

  /// A copy of the elements.
  func buffer<Element: BitwiseCopyable>(_ elements: [Element]) -> FencedBuffer<Element> {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let bytes = elements.count * MemoryLayout<Element>.stride
    let usable = (bytes + FencedBuffer<Element>.guardSize + page - 1) / page * page
    guard
      let base = mmap(
        nil, usable + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | FencedMemory.anonymous, -1, 0),
      base != MAP_FAILED, mprotect(base + usable, page, PROT_NONE) == 0
    else { preconditionFailure("no memory for a test") }
    regions.append((base, usable + page))
    let front = base + (usable - bytes - FencedBuffer<Element>.guardSize)
    return FencedBuffer(elements, front: front)
  }

  /// A copy of values in row-major order without gaps, with `gap` floats between rows and none behind the last.
  func matrix(_ values: [Float], rows: Int, columns: Int, gap: Int) -> FencedMatrix {
    let stride = columns + gap
    var spread = [Float](repeating: FencedMatrix.filler, count: rows == 0 ? 0 : (rows - 1) * stride + columns)
    for row in 0..<rows {
      for column in 0..<columns { spread[row * stride + column] = values[row * columns + column] }
    }
    return FencedMatrix(rows: rows, columns: columns, stride: stride, buffer: buffer(spread))
  }

  /// Unmaps everything.
  func release() {
    for region in regions { munmap(region.base, region.size) }
    regions = []
  }

  #if canImport(Darwin)
    private static var anonymous: Int32 { MAP_ANON }
  #else
    private static var anonymous: Int32 { MAP_ANONYMOUS }
  #endif
}

/// Elements in ``FencedMemory``.
struct FencedBuffer<Element: BitwiseCopyable> {
  let pointer: UnsafeMutablePointer<Element>
  let count: Int
  private let front: UnsafeMutableRawPointer

  init(_ elements: [Element], front: UnsafeMutableRawPointer) {
    self.front = front
    memset(front, Int32(FencedBuffer.guardByte), FencedBuffer.guardSize)
    pointer = (front + FencedBuffer.guardSize).bindMemory(to: Element.self, capacity: elements.count)
    count = elements.count
    pointer.initialize(from: elements, count: elements.count)
  }

  var elements: [Element] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

  /// Whether nothing was written before the first element.
  var isIntact: Bool {
    UnsafeRawBufferPointer(start: front, count: FencedBuffer.guardSize).allSatisfy {
      $0 == FencedBuffer.guardByte
    }
  }

  static var guardSize: Int { 128 }
  private static var guardByte: UInt8 { 0x5A }
}

/// A matrix in ``FencedMemory`` whose rows are `stride` floats apart.
struct FencedMatrix {
  let rows: Int, columns: Int, stride: Int
  let buffer: FencedBuffer<Float>

  var pointer: UnsafeMutablePointer<Float> { buffer.pointer }

  /// The value of a place in row-major order without gaps.
  subscript(index: Int) -> Float { pointer[index / columns * stride + index % columns] }

  /// The values in row-major order without gaps.
  var values: [Float] {
    (0..<rows).flatMap { row in Array(UnsafeBufferPointer(start: pointer + row * stride, count: columns)) }
  }

  /// Whether nothing was written before the matrix or between its rows.
  var isIntact: Bool {
    buffer.isIntact
      && (0..<buffer.count).allSatisfy { $0 % stride < columns || buffer.pointer[$0] == FencedMatrix.filler }
  }

  /// What stands between rows.
  static var filler: Float { -77 }
}
