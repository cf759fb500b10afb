/// How large a picture may be. Sizes are checked as soon as a header declares them, before memory is taken.
public struct ImageLimits: Sendable, Hashable {
  /// The most pixels, width times height.
  public var maximumPixels: Int
  /// The longest side in pixels.
  public var maximumSide: Int

  /// Limits of one's own.
  public init(maximumPixels: Int, maximumSide: Int) {
    self.maximumPixels = maximumPixels
    self.maximumSide = maximumSide
  }

  /// 2^29 pixels (22,000 x 22,000 fit; 1.5 GB decoded) and 131,072 a side.
  public static let standard = ImageLimits(maximumPixels: 1 << 29, maximumSide: 1 << 17)

  /// Whether a size is within the limits.
  package func allow(width: Int, height: Int) -> Bool {
    width <= maximumSide && height <= maximumSide
      && width.multipliedReportingOverflow(by: height).overflow == false && width * height <= maximumPixels
  }

  /// Checks a size that something called `name` has or declares.
  func check(width: Int, height: Int, name: String) throws(ImageError) {
    guard width > 0, height > 0 else { throw .invalidSize(width: width, height: height) }
    guard allow(width: width, height: height) else {
      throw .tooLarge(name: name, width: width, height: height, limits: self)
    }
  }
}
