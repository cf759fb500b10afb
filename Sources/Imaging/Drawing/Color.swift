/// An opaque colour: 8 bits each of red, green and blue.
public struct Color: Sendable, Hashable {
  /// 0...255.
  public var red: UInt8
  /// 0...255.
  public var green: UInt8
  /// 0...255.
  public var blue: UInt8

  /// A colour of given parts.
  public init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// White.
  public static let white = Color(red: 255, green: 255, blue: 255)
  /// Black.
  public static let black = Color(red: 0, green: 0, blue: 0)
  /// The green of foreground points and boxes.
  public static let foreground = Color(red: 38, green: 190, blue: 72)
  /// The red of background points.
  public static let background = Color(red: 226, green: 44, blue: 44)

  /// A colour for the mask of a number, far from those of the numbers before: hues a golden section apart.
  public static func distinct(_ number: Int) -> Color {
    // Beginning at blue, which photos of people, plants and food have little of.
    let turn = 0.59 + 0.618_033_988_749_895 * Double(number)
    let hue = (turn - turn.rounded(.down)) * 6
    func part(_ offset: Double) -> UInt8 {
      let position = (hue + offset).truncatingRemainder(dividingBy: 6)
      let level = min(max(min(position, 4 - position), 0), 1)
      return UInt8(40 + 215 * (1 - level))
    }
    return Color(red: part(5), green: part(3), blue: part(1))
  }
}
