/// How edges are thinned before they are scored: strengths that are smaller than those beside them, across the edge, become 0.
public enum EdgeSuppression: String, Sendable, CaseIterable {
  /// As Canny's detector does it (1986): across the edge is where the gradient points. SAM's paper names it.
  case canny
  /// As most numbers published for BSDS500 have it: the edges toolbox of Dollár and Zitnick (2015), which takes the direction
  /// from second derivatives of the smoothed strengths, lets ties stand, and fades out the outermost five pixels.
  case dollar
  /// Not at all.
  case none
}

extension EdgeStrength {
  /// The strengths suppressed as the edges toolbox does it.
  public func suppressedByCurvature() -> EdgeStrength {
    let (across, down) = normals()
    var result = suppressed(across, down, slack: 1.01)
    for y in 0..<height {
      for x in 0..<width {
        // Both axes fade, and corners twice.
        result.values[y * width + x] *= EdgeStrength.fade(x, width) * EdgeStrength.fade(y, height)
      }
    }
    return result
  }

  /// The strengths suppressed across given directions, as in Canny's detector: what is left is larger than the strength on
  /// one side and at least that on the other, a pixel away and interpolated.
  ///
  /// - Parameter directions: for each pixel, x and y of the direction across the edge, of any length; (0, 0) where there is
  ///   none, which leaves the pixel as it is.
  public func suppressed(across directions: [SIMD2<Float>]) -> EdgeStrength {
    var result = self
    for y in 0..<height {
      for x in 0..<width {
        let index = y * width + x
        let direction = SIMD2<Double>(directions[index])
        let length = (direction * direction).sum().squareRoot()
        guard values[index] > 0, length > 0 else { continue }
        let step = direction / length
        let ahead = value(atX: Double(x) + step.x, y: Double(y) + step.y)
        let behind = value(atX: Double(x) - step.x, y: Double(y) - step.y)
        if values[index] < ahead || values[index] <= behind { result.values[index] = 0 }
      }
    }
    return result
  }

  /// Keeps strengths that, times `slack`, are not smaller than those a pixel to either side.
  private func suppressed(_ across: [Double], _ down: [Double], slack: Double) -> EdgeStrength {
    var result = self
    for y in 0..<height {
      for x in 0..<width {
        let index = y * width + x
        guard values[index] > 0 else { continue }
        let most = values[index] * slack
        let ahead = value(atX: Double(x) + across[index], y: Double(y) + down[index])
        let behind = value(atX: Double(x) - across[index], y: Double(y) - down[index])
        if most < ahead || most < behind { result.values[index] = 0 }
      }
    }
    return result
  }

  /// The directions across edges, from second derivatives of the strengths smoothed by a triangle of radius 4.
  func normals() -> (x: [Double], y: [Double]) {
    let smooth = filtered([1, 2, 3, 4, 5, 4, 3, 2, 1])
    let (x, y) = (smooth.derivative(alongX: true), smooth.derivative(alongX: false))
    let xx = x.derivative(alongX: true)
    let xy = x.derivative(alongX: false)
    let yy = y.derivative(alongX: false)
    var across = [Double](repeating: 0, count: values.count)
    var down = across
    for index in values.indices {
      let mixed = xy.values[index]
      let sign = mixed > 0 ? -1.0 : mixed < 0 ? 1 : 0
      // Cosine and sine of the angle with this tangent; which of the two opposite directions it is does not matter.
      let tangent = yy.values[index] * sign / (xx.values[index] + 1e-5)
      across[index] = 1 / (1 + tangent * tangent).squareRoot()
      down[index] = tangent * across[index]
    }
    return (across, down)
  }

  /// Half the difference of the two neighbours; at the border the difference to the only one.
  private func derivative(alongX: Bool) -> EdgeStrength {
    var result = self
    let (step, count) = alongX ? (1, width) : (width, height)
    for y in 0..<height {
      for x in 0..<width {
        let index = y * width + x
        let position = alongX ? x : y
        let before = position > 0 ? index - step : index
        let after = position + 1 < count ? index + step : index
        let distance = (after - before) / step
        result.values[index] = distance > 0 ? (values[after] - values[before]) / Double(distance) : 0
      }
    }
    return result
  }

  /// What is left of a strength near the border: nothing of the outermost pixels, all from the sixth on.
  private static func fade(_ position: Int, _ count: Int) -> Double {
    min(1, Double(min(position, count - 1 - position)) * 0.2)
  }
}
