import Imaging
import SegmentAnything

/// Why the text of a coordinate option is refused; ArgumentParser names the option.
enum CoordinateError: Error, CustomStringConvertible {
  case count(expected: String)
  case notANumber(String)
  case label(String)

  var description: String {
    switch self {
    case .count(let expected): "expected \(expected)"
    case .notANumber(let text): "'\(text)' is not a finite number"
    case .label(let text): "label '\(text)' is neither 1 (on the object) nor 0 (not on it)"
    }
  }
}

extension PointPrompt {
  /// A point from `x,y` or `x,y,label`.
  static func parsing(_ text: String) throws -> PointPrompt {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3 else {
      throw CoordinateError.count(expected: "x,y or x,y,label")
    }
    let label: Label =
      switch parts.count == 3 ? trimmed(parts[2]) : "1" {
      case "1": .foreground
      case "0": .background
      case let other: throw CoordinateError.label(String(other))
      }
    return PointPrompt(try coordinate(parts[0]), try coordinate(parts[1]), label)
  }
}

extension Box {
  /// A box from `x0,y0,x1,y1`.
  static func parsing(_ text: String) throws -> Box {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 4 else { throw CoordinateError.count(expected: "x0,y0,x1,y1") }
    let values = try parts.map(coordinate)
    return Box(values[0], values[1], values[2], values[3])
  }
}

extension PixelBox {
  /// A box from `x,y,width,height`.
  static func parsing(_ text: String) throws -> PixelBox {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int(trimmed($0)) }
    guard numbers.count == 4, let x = numbers[0], let y = numbers[1], let width = numbers[2],
      let height = numbers[3], x >= 0, y >= 0, width > 0, height > 0
    else { throw CoordinateError.count(expected: "x,y,width,height in whole pixels") }
    return PixelBox(x: x, y: y, width: width, height: height)
  }
}

private func trimmed(_ text: Substring) -> Substring {
  var text = text.drop { $0 == " " }
  while text.last == " " { text.removeLast() }
  return text
}

private func coordinate(_ text: Substring) throws -> Float {
  let text = trimmed(text)
  guard let value = Float(text), value.isFinite else { throw CoordinateError.notANumber(String(text)) }
  return value
}
