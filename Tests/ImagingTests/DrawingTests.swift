import TestSupport
import Testing

@testable import Imaging

@Suite struct DrawingTests {
  private func gray(width: Int, height: Int) throws -> Image {
    try Image(width: width, height: height, pixels: [UInt8](repeating: 100, count: width * height * 3))
  }

  private func color(_ image: Image, _ x: Int, _ y: Int) -> [UInt8] {
    Array(image.pixels[(y * image.width + x) * 3..<(y * image.width + x) * 3 + 3])
  }

  @Test func aMaskIsTintedInsideAndSolidAtItsEdge() throws {
    var mask = Mask(width: 30, height: 20)
    for y in 5..<15 { for x in 5..<25 { mask[x, y] = true } }
    var overlay = Overlay(try gray(width: 30, height: 20))
    try overlay.add(mask, color: Color(red: 200, green: 0, blue: 0), opacity: 0.5)
    #expect(color(overlay.image, 4, 5) == [100, 100, 100])
    #expect(color(overlay.image, 5, 5) == [200, 0, 0])
    #expect(color(overlay.image, 24, 14) == [200, 0, 0])
    #expect(color(overlay.image, 6, 6) == [150, 50, 50])
  }

  @Test func edgeDistanceCountsStepsOfAKing() throws {
    let mask = try picture(
      "######",
      "######",
      "######",
      "######",
      "####.#")
    let box = PixelBox(x: 0, y: 0, width: 6, height: 5)
    let distance = mask.edgeDistance(in: box, limit: 9)
    #expect(Array(distance[..<6]) == [1, 1, 1, 1, 1, 1])
    #expect(Array(distance[12..<18]) == [1, 2, 2, 2, 2, 1])
    #expect(Array(distance[24...]) == [1, 1, 1, 1, 0, 1])
    #expect(mask.edgeDistance(in: box, limit: 2).max() == 2)
  }

  @Test func pointsShowTheirKind() throws {
    var overlay = Overlay(try gray(width: 60, height: 60))
    overlay.addPoint(x: 15.5, y: 15.5, isForeground: true)
    overlay.addPoint(x: 45.5, y: 45.5, isForeground: false)
    #expect(color(overlay.image, 15, 15) == [38, 190, 72])
    #expect(color(overlay.image, 45, 45) == [226, 44, 44])
    #expect(color(overlay.image, 30, 30) == [100, 100, 100])
  }

  @Test func whatLiesOutsideIsLeftOut() throws {
    let image = try gray(width: 20, height: 20)
    var overlay = Overlay(image)
    for (x, y) in [(-500.0, 3.0), (Double.nan, 3), (.infinity, -.infinity), (1e300, 5)] {
      overlay.addPoint(x: x, y: y, isForeground: true)
    }
    #expect(overlay.image == image)
    overlay.addBox(x0: -1e300, y0: .nan, x1: 1e300, y1: .infinity)
    overlay.addBox(x0: 15, y0: 12, x1: 3, y1: 4)
    overlay.addCaption("a caption wider than the picture")
    #expect(overlay.image.width == 20)
  }

  @Test func masksOfAnotherSizeAreRefused() throws {
    let image = try gray(width: 20, height: 10)
    let expected = ImageError.sizesDiffer(width: 20, height: 10, maskWidth: 10, maskHeight: 20)
    #expect(throws: expected) { try image.cutout(Mask(width: 10, height: 20)) }
    #expect(throws: expected) {
      var overlay = Overlay(image)
      try overlay.add(Mask(width: 10, height: 20))
    }
  }

  @Test func aCutoutKeepsOnlyTheMasksPixels() throws {
    let image = try Image(width: 3, height: 2, pixels: (1...18).map { UInt8($0) })
    var mask = Mask(width: 3, height: 2)
    mask[1, 0] = true
    mask[2, 1] = true
    #expect(
      try image.cutout(mask).pixels == [
        0, 0, 0, 0, 4, 5, 6, 255, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 16, 17, 18, 255,
      ])
    let cropped = try image.cutout(mask, isCropped: true)
    #expect(cropped.width == 2 && cropped.height == 2)
    #expect(cropped.pixels == [4, 5, 6, 255, 0, 0, 0, 0, 0, 0, 0, 0, 16, 17, 18, 255])
    #expect(try image.cutout(mask, isCropped: true, margin: 5).width == 3)
    let nothing = try image.cutout(Mask(width: 3, height: 2), isCropped: true)
    #expect(nothing.width == 3 && nothing.pixels.allSatisfy { $0 == 0 })
  }

  @Test func textHasTheShapeOfItsLetters() throws {
    var image = try Image(width: 12, height: 9, pixels: [UInt8](repeating: 255, count: 324))
    image.write("T.", x: 0, y: 0, color: .black)
    let rows = (0..<9).map { y in String((0..<12).map { color(image, $0, y) == [0, 0, 0] ? "#" : "." }) }
    #expect(rows[0] == "#####.......")
    #expect(rows[1] == "..#.........")
    #expect(rows[6] == "..#.....#...")
    #expect(rows[8] == "............")
  }

  @Test func everyLetterIsDrawnAndNoTwoAreAlike() {
    let glyphs = (33..<127).map { Array(BitmapFont.rows(of: Character(UnicodeScalar(UInt8($0))))) }
    #expect(Set(glyphs).count == 94)
    #expect(glyphs.allSatisfy { $0.contains { $0 > 0 } })
    #expect(BitmapFont.rows(of: "é") == BitmapFont.rows(of: "?"))
  }

  @Test func aSheetHoldsItsPicturesInRows() throws {
    var sheet = ContactSheet(columns: 2, side: 50, margin: 10)
    #expect(sheet.image.width > 0)
    for index in 0..<3 { sheet.add(try gray(width: 100, height: 50), caption: "picture \(index)") }
    #expect(sheet.count == 3)
    let image = sheet.image
    #expect(image.width == 10 + 2 * 60)
    #expect(color(image, 0, 0) == [255, 255, 255])
    #expect(color(image, 15, 15) == [100, 100, 100])
    #expect(color(image, 75, 15) == [100, 100, 100])
    #expect(image.pixels.contains(0))
  }

  @Test func maskColoursDiffer() {
    #expect(Set((0..<40).map(Color.distinct)).count == 40)
  }
}
