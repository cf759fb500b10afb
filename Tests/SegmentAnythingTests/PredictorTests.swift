import Imaging
import Modeling
import SegmentAnything
import Tensors
import Testing

@Suite("Predictor")
struct PredictorTests {
  let predictor: Predictor

  init() throws {
    var predictor = Predictor(try Photos.sam.get())
    try predictor.setEmbedding(Photos.coffee.get())
    self.predictor = predictor
  }

  @Test func aPointGivesThreeCandidatesOfTheImagesSize() throws {
    let answer = try predictor.predict(points: [PointPrompt(300, 180)])
    #expect(answer.masks.count == 3)
    #expect(answer.iouPredictions.count == 3)
    #expect(answer.masks.allSatisfy { $0.width == 600 && $0.height == 400 })
    let best = answer.iouPredictions[answer.mostConfident]
    #expect(answer.iouPredictions.allSatisfy { $0 <= best })
    #expect(answer.masks.contains { $0[300, 180] })
  }

  @Test func aBoxGivesOneMaskThatFillsIt() throws {
    let answer = try predictor.predict(box: Box(110, 60, 480, 350), multimask: false)
    let mask = try #require(answer.masks.first)
    #expect(answer.masks.count == 1)
    let box = try #require(mask.boundingBox)
    let inside = (box.x...box.x + box.width).overlaps(110...480)
    #expect(inside && mask.area > 50_000)
  }

  @Test func masksAreWhereTheLogitsArePositive() throws {
    let answer = try predictor.predict(points: [PointPrompt(300, 180)])
    let logits = answer.logits()
    #expect(logits.shape == [3, 400, 600])
    let elements = logits.elements
    for (index, mask) in answer.masks.enumerated() {
      let differing = mask.bits.indices.count { (elements[index * 240_000 + $0] > 0) != (mask.bits[$0] == 1) }
      #expect(differing == 0)
    }
  }

  @Test func runsInOnePassAreThoseOfTheMasks() throws {
    let answer = try predictor.predict(points: [PointPrompt(300, 180)])
    #expect(answer.runLengthMasks == answer.masks.map { RunLengthMask($0) })
  }

  @Test func theLastAnswersLogitsSteerTheNext() throws {
    let box = Box(110, 60, 480, 350)
    let first = try predictor.predict(box: box, multimask: false)
    let again = try predictor.predict(
      points: [PointPrompt(250, 150)], box: box, mask: first.maskPrompt(0), multimask: false)
    let without = try predictor.predict(points: [PointPrompt(250, 150)], box: box, multimask: false)
    #expect(again.lowResolutionLogits.elements != without.lowResolutionLogits.elements)
    #expect(again.masks[0].iou(first.masks[0]) > 0.8)
    #expect(first.lowResolutionLogits.shape == [1, 96, 96])
  }

  @Test func severalPromptsAnswerAsEachAlone() throws {
    let prompts: [Prompt] = [
      .point(300, 180), .box(110, 60, 480, 350),
      Prompt(points: [PointPrompt(420, 270), PointPrompt(300, 180, .background)]),
      Prompt(points: [PointPrompt(250, 150)], box: Box(110, 60, 480, 350)), .point(20, 20),
    ]
    let together = try predictor.predict(prompts)
    for (prompt, answer) in zip(prompts, together) {
      let alone = try predictor.predict(points: prompt.points, box: prompt.box)
      #expect(alone.masks == answer.masks)
      #expect(alone.iouPredictions == answer.iouPredictions)
    }
    let none = try predictor.predict([Prompt]())
    #expect(none.isEmpty)
  }

  @Test func aPaddingPointChangesNothingBesideABox() throws {
    let box = Box(110, 60, 480, 350)
    let plain = try predictor.predict(points: [PointPrompt(250, 150)], multimask: false)
    let padded = try predictor.predict([
      Prompt(points: [PointPrompt(250, 150), PointPrompt(0, 0, .padding)])
    ])
    #expect(padded[0].masks[0].width == plain.masks[0].width)
    let several = try predictor.predict(box: box)
    #expect(several.masks.count == 3)
  }

  @Test func withoutAnImageThereIsAnError() throws {
    var predictor = predictor
    predictor.reset()
    #expect(predictor.embedding == nil)
    #expect(throws: SAMError.prompt(.noImage)) { try predictor.predict(points: [PointPrompt(1, 1)]) }
  }

  @Test func blueFirstPixelsAreTheSamePictureTurnedRound() throws {
    let image = try Photos.image("coffee")
    var turned = image
    for at in stride(from: 0, to: turned.pixels.count, by: 3) { turned.pixels.swapAt(at, at + 2) }
    var predictor = predictor
    try predictor.setImage(turned, channels: .bgr)
    let expected = try Photos.coffee.get().embedding.elements
    #expect(predictor.embedding?.embedding.elements == expected)
  }

  @Test func aPreparedModelInputIsTheSameAsItsImage() throws {
    let image = try Photos.image("coffee")
    let input = ModelInput(image, size: predictor.model.configuration.imageSize)
    var predictor = predictor
    try predictor.setModelInput(input.tensor, width: image.width, height: image.height)
    let expected = try Photos.coffee.get().embedding.elements
    #expect(predictor.embedding?.embedding.elements == expected)
  }

  @Test func copiesHaveTheirOwnImage() throws {
    var copy = predictor
    copy.reset()
    #expect(predictor.embedding != nil)
  }
}
