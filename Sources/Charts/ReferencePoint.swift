/// A published result beside one's own: a hollow diamond with a name.
public struct ReferencePoint: Sendable, Equatable {
  /// Where it lies on the axes.
  public var x: Double, y: Double
  /// What is written beside it.
  public var label: String

  /// A result at a place.
  public init(x: Double, y: Double, label: String) {
    (self.x, self.y, self.label) = (x, y, label)
  }
}

extension PlotFrame {
  /// Draws published results into the field.
  ///
  /// A name stands on the side where there is more room, and moves down or up where another one is in the way.
  func draw(_ references: [ReferencePoint], into text: inout SVGText) {
    // Neither names nor diamonds are written over.
    var taken = references.compactMap { place($0.x, $0.y) }
      .map { (x: $0.x - 5...$0.x + 5, y: $0.y + 4) }
    for reference in references {
      guard let place = place(reference.x, reference.y), (-1...width + 1).contains(place.x),
        (-1...height + 1).contains(place.y)
      else { continue }
      let (x, y) = (SVGText.number(place.x), SVGText.number(place.y))
      text.open("path", [("class", "hollow"), ("d", "M\(x) \(y)m0 -5l5 5l-5 5l-5 -5z")])
      text.add("title", [], reference.label)
      text.close("path")
      let length = Self.letter * Double(reference.label.count)
      let isRight = place.x + 10 + length < width || place.x < width / 2
      let from = isRight ? place.x + 9 : place.x - 9 - length
      let span = from...from + max(1, length)
      let candidates = [4.0, 18, -10, 32, -24, 46].map { place.y + $0 }
        .filter { (10...max(10, height - 2)).contains($0) }
      let baseline =
        candidates.first { y in !taken.contains { abs($0.y - y) < 13 && $0.x.overlaps(span) } }
        ?? place.y + 4
      taken.append((span, baseline))
      text.add(
        "text",
        [
          ("class", "named"), ("text-anchor", isRight ? "start" : "end"),
          ("x", SVGText.number(isRight ? place.x + 9 : place.x - 9)), ("y", SVGText.number(baseline)),
        ], reference.label)
    }
  }
}
