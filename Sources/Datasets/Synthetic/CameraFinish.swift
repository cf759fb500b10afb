internal import Imaging

/// What a camera does to a picture: exposure, colour cast, darker corners, softness, noise.
struct CameraFinish {
  private let gain: Tint
  private let contrast: Float
  private let lift: Float
  private let vignette: Float
  private let noise: Float
  private let isSoft: Bool

  init(_ random: inout SceneRandom) {
    let exposure = random.uniform(0.8, 1.15)
    gain = Tint(
      exposure * random.uniform(0.92, 1.08), exposure * random.uniform(0.96, 1.04),
      exposure * random.uniform(0.88, 1.08))
    contrast = random.uniform(0.7, 1.15)
    lift = random.uniform(-0.03, 0.06)
    vignette = random.chance(0.5) ? random.uniform(0, 0.35) : 0
    noise = random.skewed(0.002, 0.03)
    isSoft = random.chance(0.6)
  }

  /// The finished picture.
  mutating func picture(of painter: inout ScenePainter, _ random: inout SceneRandom) -> Image {
    let (width, height) = (painter.width, painter.height)
    if isSoft {
      let strength = random.uniform(0.3, 1)
      soften(&painter.red, width, height, strength)
      soften(&painter.green, width, height, strength)
      soften(&painter.blue, width, height, strength)
    }
    let pixels = [UInt8](unsafeUninitializedCapacity: 3 * width * height) { pixels, initialized in
      let (middleX, middleY) = (Float(width) * 0.5, Float(height) * 0.5)
      let scale = vignette / (middleX * middleX + middleY * middleY)
      for y in 0..<height {
        let dy = Float(y) - middleY
        for x in 0..<width {
          let dx = Float(x) - middleX
          let light = 1 - scale * (dx * dx + dy * dy)
          let pixel = y * width + x
          let bits = random.bits()
          pixels[3 * pixel] = tone(painter.red[pixel] * gain.red * light, bits)
          pixels[3 * pixel + 1] = tone(painter.green[pixel] * gain.green * light, bits >> 21)
          pixels[3 * pixel + 2] = tone(painter.blue[pixel] * gain.blue * light, bits >> 42)
        }
      }
      initialized = 3 * width * height
    }
    return Image(trusted: pixels, width: width, height: height)
  }

  /// - Parameter bits: 21 random bits.
  @inline(__always)
  private func tone(_ value: Float, _ bits: UInt64) -> UInt8 {
    // Three numbers of 7 bits add up to about a normal one, of variance 1 after scaling.
    let sum = Float(bits & 127) + Float(bits >> 7 & 127) + Float(bits >> 14 & 127) - 190.5
    let grain = sum * (noise / 64)
    let x = unit((value - 0.5) * contrast + 0.5 + lift + grain)
    return UInt8(x * 255 + 0.5)
  }

  /// Blends with the mean over 3 x 3 pixels.
  private func soften(_ plane: inout [Float], _ width: Int, _ height: Int, _ strength: Float) {
    var blurred = plane
    BoxBlur.apply(to: &blurred, width: width, height: height, radius: 1)
    for index in plane.indices { plane[index] += (blurred[index] - plane[index]) * strength }
  }
}
