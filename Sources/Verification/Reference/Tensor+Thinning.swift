internal import Tensors

extension Tensor {
  /// Every k-th row and column from the first, for the k that gives this size; nil where none does.
  func thinned(height: Int, width: Int) -> Tensor? {
    guard shape.count == 4, height > 0, width > 0, height <= shape[1], width <= shape[2] else { return nil }
    let step = (shape[1] + height - 1) / height
    guard (shape[1] + step - 1) / step == height, (shape[2] + step - 1) / step == width else { return nil }
    guard step > 1 else { return self }
    let (rows, columns, channels) = (shape[1], shape[2], shape[3])
    var result = Tensor(uninitialized: [shape[0], height, width, channels], on: compute)
    withUnsafeBuffer { all in
      result.withUnsafeMutableBuffer { kept in
        var at = 0
        for image in 0..<shape[0] {
          for row in stride(from: 0, to: rows, by: step) {
            for column in stride(from: 0, to: columns, by: step) {
              let from = ((image * rows + row) * columns + column) * channels
              for channel in 0..<channels { kept[at + channel] = all[from + channel] }
              at += channels
            }
          }
        }
      }
    }
    return result
  }
}
