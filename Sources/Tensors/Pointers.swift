/// What an operation reads: a tensor, or one that may be missing.
protocol Operand {
  /// A pointer to the first element; optional where the tensor is.
  associatedtype Pointer
  func withPointer<Result>(_ body: (Pointer) -> Result) -> Result
}

extension Tensor: Operand {}
extension Tensor?: Operand {}

// The elements of several operands at once. Nothing is allocated: the calls below are inlined into each other.

@inline(__always)
func withPointers<A: Operand, B: Operand, C: Operand, Result>(
  _ a: A, _ b: B, _ c: C, _ body: (A.Pointer, B.Pointer, C.Pointer) -> Result
) -> Result {
  a.withPointer { a in b.withPointer { b in c.withPointer { c in body(a, b, c) } } }
}

@inline(__always)
func withPointers<A: Operand, B: Operand, C: Operand, D: Operand, Result>(
  _ a: A, _ b: B, _ c: C, _ d: D, _ body: (A.Pointer, B.Pointer, C.Pointer, D.Pointer) -> Result
) -> Result {
  withPointers(a, b, c) { a, b, c in d.withPointer { d in body(a, b, c, d) } }
}

@inline(__always)
func withPointers<A: Operand, B: Operand, C: Operand, D: Operand, E: Operand, Result>(
  _ a: A, _ b: B, _ c: C, _ d: D, _ e: E,
  _ body: (A.Pointer, B.Pointer, C.Pointer, D.Pointer, E.Pointer) -> Result
) -> Result {
  withPointers(a, b, c, d) { a, b, c, d in e.withPointer { e in body(a, b, c, d, e) } }
}

@inline(__always)
func withPointers<A: Operand, B: Operand, C: Operand, D: Operand, E: Operand, F: Operand, Result>(
  _ a: A, _ b: B, _ c: C, _ d: D, _ e: E, _ f: F,
  _ body: (A.Pointer, B.Pointer, C.Pointer, D.Pointer, E.Pointer, F.Pointer) -> Result
) -> Result {
  withPointers(a, b, c, d, e) { a, b, c, d, e in f.withPointer { f in body(a, b, c, d, e, f) } }
}
