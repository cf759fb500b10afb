#if !hasFeature(Embedded)
  public import Tensors

  extension Tensor {
    /// A table of positions of an encoder, by its parameter's name, interpolated to a shape of another length; anything else as it is.
    public func resampledTable(_ name: String, to other: Shape) -> Tensor {
      guard shape.count == other.count, shape.last == other.last else { return self }
      if name.hasSuffix("pos_embed"), shape.count == 4 { return resampledPositions(other[1]) }
      if name.contains("rel_pos_"), shape.count == 2 { return resampledRelativePositions(other[0]) }
      return self
    }
  }
#endif
