extension BitMask {
  /// The set thinned to lines of one pixel that keep its connections (Guo and Hall 1989, as MATLAB's
  /// `bwmorph(…, 'thin', inf)`): passes of two half-steps, each of which removes all qualifying pixels at once, until a
  /// whole pass removes none. Pixels outside the mask count as not in the set.
  public func thinned() -> BitMask {
    var current = words
    var next = words
    let perRow = wordsPerRow
    guard perRow > 0 else { return self }
    // Rows whose surroundings did not change in the last two half-steps stay as they are.
    var changed = [Bool](repeating: true, count: height)
    var hasChanged = true
    while hasChanged {
      hasChanged = false
      var changes = [Bool](repeating: false, count: height)
      for isSecond in [false, true] {
        current.withUnsafeBufferPointer { source in
          next.withUnsafeMutableBufferPointer { target in
            for y in 0..<height {
              let isStale =
                changed[y] || changes[y] || y > 0 && (changed[y - 1] || changes[y - 1])
                || y + 1 < height && (changed[y + 1] || changes[y + 1])
              guard isStale else {
                for word in y * perRow..<(y + 1) * perRow { target[word] = source[word] }
                continue
              }
              for word in 0..<perRow {
                let pixels = source[y * perRow + word]
                guard pixels != 0 else {
                  target[y * perRow + word] = 0
                  continue
                }
                let rest = pixels & ~Neighbours(source, y, word, perRow, height).removable(isSecond)
                target[y * perRow + word] = rest
                if rest != pixels {
                  changes[y] = true
                  hasChanged = true
                }
              }
            }
          }
        }
        swap(&current, &next)
      }
      changed = changes
    }
    return BitMask(trusted: current, width: width, height: height)
  }
}

/// The eight neighbours of 64 pixels of a row, a word for each direction.
private struct Neighbours {
  let east: UInt64, northEast: UInt64, north: UInt64, northWest: UInt64
  let west: UInt64, southWest: UInt64, south: UInt64, southEast: UInt64

  @inline(__always)
  init(_ words: UnsafeBufferPointer<UInt64>, _ y: Int, _ word: Int, _ perRow: Int, _ height: Int) {
    @inline(__always)
    func row(_ y: Int) -> (west: UInt64, middle: UInt64, east: UInt64) {
      guard y >= 0, y < height else { return (0, 0, 0) }
      let at = y * perRow + word
      let middle = words[at]
      let before = word > 0 ? words[at - 1] : 0
      let after = word + 1 < perRow ? words[at + 1] : 0
      return (middle << 1 | before >> 63, middle, middle >> 1 | after << 63)
    }
    (northWest, north, northEast) = row(y - 1)
    (west, _, east) = row(y)
    (southWest, south, southEast) = row(y + 1)
  }

  /// Which of the pixels a half-step removes: x1…x8 of the paper run counter-clockwise from the east.
  @inline(__always)
  func removable(_ isSecond: Bool) -> UInt64 {
    // One crossing from outside to inside around the pixel.
    let first = ~east & (northEast | north)
    let second = ~north & (northWest | west)
    let third = ~west & (southWest | south)
    let fourth = ~south & (southEast | east)
    let severalCrossings = first & second | third & fourth | (first | second) & (third | fourth)
    let oneCrossing = (first ^ second ^ third ^ fourth) & ~severalCrossings
    // Two or three of the neighbours in pairs, counted both ways; the smaller number decides.
    let (atLeastTwo, four) = Self.count(
      east | northEast, north | northWest, west | southWest, south | southEast)
    let (alsoTwo, alsoFour) = Self.count(
      northEast | north, northWest | west, southWest | south, southEast | east)
    let pairs = atLeastTwo & alsoTwo & ~(four & alsoFour)
    let side =
      isSecond ? (southWest | south | ~northWest) & west : (northEast | north | ~southEast) & east
    return oneCrossing & pairs & ~side
  }

  @inline(__always)
  private static func count(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64) -> (
    atLeastTwo: UInt64, four: UInt64
  ) {
    (a & b | c & d | (a | b) & (c | d), a & b & c & d)
  }
}
