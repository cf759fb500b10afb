import SegmentAnything

/// What one click means: the model's three candidates, and the most trusted one refined by a second click.
///
///     swift run -c release ClickToMask examples/photos/cell.jpg 429 374 .
@main
enum ClickToMask {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    let place = arguments.dropFirst().prefix(2).compactMap { Float($0) }
    guard let photo = arguments.first, let folder = arguments.last, arguments.count == 4, place.count == 2
    else { return print("usage: ClickToMask PHOTO X Y FOLDER") }

    let sam = try SAM.embedded()
    let image = try Image(contentsOfFile: photo)
    // The slow part, once for each image; any number of prompts can follow.
    let embedding = try sam.embed(image)

    let click = Prompt.point(place[0], place[1])
    let answer = try sam.predict([click], in: embedding, multimask: true)[0]
    for (index, mask) in answer.masks.enumerated() {
      try mask.write(to: "\(folder)/candidate-\(index).png")
      print("candidate \(index): \(mask.area) pixels, predicted IoU \(answer.iouPredictions[index])")
    }

    // A click on what is not meant, starting from the candidate that the model trusts most.
    let refined = Prompt(
      points: click.points + [PointPrompt(1, 1, .background)],
      mask: answer.maskPrompt(answer.mostConfident))
    let mask = try sam.predict([refined], in: embedding, multimask: false)[0].masks[0]

    var overlay = Overlay(image)
    try overlay.add(mask)
    for point in refined.points {
      overlay.addPoint(x: Double(point.x), y: Double(point.y), isForeground: point.label == .foreground)
    }
    try overlay.image.write(to: "\(folder)/overlay.jpg")
  }
}
