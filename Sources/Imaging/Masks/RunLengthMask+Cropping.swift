extension RunLengthMask {
  /// The part of the mask in a box, as a mask of the box's size. Time goes with the runs of the mask and the box's columns.
  ///
  /// - Throws: ``RunLengthError/invalidSize(width:height:)`` where the box has no pixels or does not lie inside.
  public func cropped(to box: PixelBox) throws(RunLengthError) -> RunLengthMask {
    guard box.x >= 0, box.y >= 0, box.width > 0, box.height > 0, box.width <= width - box.x,
      box.height <= height - box.y
    else { throw .invalidSize(width: box.width, height: box.height) }
    var runs = RunBuilder()
    // How far the box's pixels, column by column, have been told.
    var told = 0
    var position = 0
    let (first, last) = (box.x * height, (box.x + box.width) * height)
    for (index, count) in counts.enumerated() {
      let end = position + Int(count)
      if index % 2 == 1, end > first, position < last {
        var start = max(position, first)
        let stop = min(end, last)
        while start < stop {
          let (column, row) = start.quotientAndRemainder(dividingBy: height)
          let columnEnd = min(stop, (column + 1) * height)
          let bottom = columnEnd - column * height
          let (top, below) = (max(row, box.y), min(bottom, box.y + box.height))
          if top < below {
            let from = (column - box.x) * box.height + top - box.y
            runs.append(from - told, inside: false)
            runs.append(below - top, inside: true)
            told = from + below - top
          }
          start = columnEnd
        }
      }
      if position >= last { break }
      position = end
    }
    runs.append(box.width * box.height - told, inside: false)
    return RunLengthMask(trusted: runs.counts, width: box.width, height: box.height)
  }
}
