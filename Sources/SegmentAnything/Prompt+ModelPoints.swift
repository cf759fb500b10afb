internal import Imaging
internal import Modeling
internal import Tensors

extension Prompt {
  /// A point in the model's frame.
  struct ModelPoint {
    var x: Float, y: Float
    var kind: PromptEncoder.PointKind
  }

  /// The prompt's points and box corners in XY pixels of the model input, and its mask as logits.
  ///
  /// Points come first; points without a box are followed by a padding point, as the reference does.
  func modelPoints(_ geometry: ImageGeometry) -> (points: [ModelPoint], logits: Tensor?) {
    var result: [ModelPoint] = []
    func append(_ x: Float, _ y: Float, _ kind: PromptEncoder.PointKind) {
      let at = geometry.toModel(x: x, y: y)
      result.append(ModelPoint(x: at.x, y: at.y, kind: kind))
    }
    for point in points {
      switch point.label {
      case .foreground: append(point.x, point.y, .foreground)
      case .background: append(point.x, point.y, .background)
      case .padding: result.append(ModelPoint(x: 0, y: 0, kind: .padding))
      }
    }
    if let box {
      append(box.x0, box.y0, .topLeft)
      append(box.x1, box.y1, .bottomRight)
    } else if !points.isEmpty {
      result.append(ModelPoint(x: 0, y: 0, kind: .padding))
    }
    switch mask {
    case nil: return (result, nil)
    case .logits(let logits): return (result, logits)
    case .binary(let mask): return (result, mask.promptLogits(geometry))
    }
  }
}

extension Mask {
  /// Logits that stand for this mask: the share of each low-resolution cell that it covers, spread over the range
  /// of the model's own logits; cells of the padding count as background.
  func promptLogits(_ geometry: ImageGeometry) -> Tensor {
    let side = geometry.upsampling.lowResolutionSize
    let imageSize = geometry.upsampling.imageSize
    var covered = [Float](repeating: 0, count: side * side)
    let scaleX = Double(geometry.inputWidth) / Double(width) * Double(side) / Double(imageSize)
    let scaleY = Double(geometry.inputHeight) / Double(height) * Double(side) / Double(imageSize)
    for y in 0..<height {
      let top = Double(y) * scaleY
      let bottom = top + scaleY
      for x in 0..<width where bits[y * width + x] != 0 {
        let left = Double(x) * scaleX
        let right = left + scaleX
        for row in Int(top)..<Swift.min(side, Int(bottom.rounded(.up))) {
          let high = Swift.min(bottom, Double(row + 1)) - Swift.max(top, Double(row))
          for column in Int(left)..<Swift.min(side, Int(right.rounded(.up))) {
            let wide = Swift.min(right, Double(column + 1)) - Swift.max(left, Double(column))
            covered[row * side + column] += Float(high * wide)
          }
        }
      }
    }
    return Tensor(covered.map { 20 * $0 - 10 }, shape: [side, side])
  }
}
