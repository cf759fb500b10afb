internal import Imaging

extension BitMask {
  /// The set and the eight neighbours of each of its pixels.
  func grown() -> BitMask {
    let perRow = wordsPerRow
    var across = words
    for row in stride(from: 0, to: words.count, by: perRow) {
      for word in 0..<perRow {
        let middle = words[row + word]
        let before = word > 0 ? words[row + word - 1] >> 63 : 0
        let after = word + 1 < perRow ? words[row + word + 1] << 63 : 0
        across[row + word] = middle | middle << 1 | before | middle >> 1 | after
      }
      across[row + perRow - 1] &= lastWord
    }
    var grown = across
    for index in across.indices {
      if index >= perRow { grown[index] |= across[index - perRow] }
      if index + perRow < across.count { grown[index] |= across[index + perRow] }
    }
    return BitMask(trusted: grown, width: width, height: height)
  }

  /// The pixels that are not in the set.
  func inverted() -> BitMask {
    var inverted = words.map { ~$0 }
    for row in stride(from: 0, to: words.count, by: wordsPerRow) {
      inverted[row + wordsPerRow - 1] &= lastWord
    }
    return BitMask(trusted: inverted, width: width, height: height)
  }

  /// The set and all pixels that it keeps from the border: a way to the border goes from side to side of pixels outside.
  func withoutHoles() -> BitMask {
    let free = inverted()
    var outside = Array(repeating: UInt64(0), count: words.count)
    let perRow = wordsPerRow
    for y in 0..<height {
      for word in 0..<perRow where y == 0 || y == height - 1 { outside[y * perRow + word] = .max }
      outside[y * perRow] |= 1
      outside[y * perRow + perRow - 1] |= 1 << UInt64((width - 1) % 64)
    }
    for index in outside.indices { outside[index] &= free.words[index] }
    var hasChanged = true
    while hasChanged {
      hasChanged = false
      // Down and then up, so that most shapes take two sweeps.
      for step in 0..<2 * height {
        let y = step < height ? step : 2 * height - 1 - step
        let neighbour = step < height ? y - 1 : y + 1
        for word in 0..<perRow {
          let index = y * perRow + word
          var reached = outside[index]
          if neighbour >= 0, neighbour < height { reached |= outside[neighbour * perRow + word] }
          if word > 0 { reached |= outside[index - 1] >> 63 }
          if word + 1 < perRow { reached |= outside[index + 1] << 63 }
          reached &= free.words[index]
          while true {
            let wider = (reached | reached << 1 | reached >> 1) & free.words[index]
            if wider == reached { break }
            reached = wider
          }
          if reached != outside[index] {
            outside[index] = reached
            hasChanged = true
          }
        }
      }
    }
    return BitMask(trusted: outside, width: width, height: height).inverted()
  }

  /// The bits of a row's last word that are pixels.
  private var lastWord: UInt64 { width % 64 == 0 ? .max : 1 << UInt64(width % 64) - 1 }
}
