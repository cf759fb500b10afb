#if hasFeature(Embedded)
  extension UnsafeMutablePointer<Float> {
    /// The standard library's operation of that name, which Embedded Swift compiles to a call for each element.
    @inline(__always)
    func update(from source: UnsafePointer<Float>, count: Int) {
      UnsafeMutableRawPointer(self).copyMemory(from: source, byteCount: count * MemoryLayout<Float>.stride)
    }
  }
#endif
