import Imaging
import SegmentAnything
import Tensors
import Testing

@Suite("Prompts that make no sense")
struct PromptErrorTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let prompt: Prompt
    let message: String
    var testDescription: String { message }
  }

  static let cases: [Case] = [
    Case(prompt: Prompt(), message: "nothing to segment: give at least one point, box or mask"),
    Case(prompt: .point(600.5, 10), message: "point 600.5,10 lies outside the image of 600x400 pixels"),
    Case(prompt: .point(-1, 10), message: "point -1,10 lies outside the image of 600x400 pixels"),
    Case(prompt: .point(.nan, 10), message: "point nan,10: not a finite number"),
    Case(prompt: .point(10, .infinity), message: "point 10,inf: not a finite number"),
    Case(prompt: .box(10, 10, 10, 50), message: "box 10,10,10,50 is not left, top, right, bottom"),
    Case(prompt: .box(50, 10, 10, 50), message: "box 50,10,10,50 is not left, top, right, bottom"),
    Case(
      prompt: .box(700, 10, 800, 50), message: "box 700,10,800,50 lies outside the image of 600x400 pixels"),
    Case(prompt: .box(.nan, 10, 800, 50), message: "box nan,10,800,50: not a finite number"),
    Case(
      prompt: Prompt(mask: .logits(Tensor(repeating: 0, shape: [64, 64]))),
      message: "mask logits are 64x64, expected 96x96"),
    Case(
      prompt: Prompt(mask: .logits(Tensor(repeating: .nan, shape: [96, 96]))),
      message: "the mask's logits: not a finite number"),
    Case(
      prompt: Prompt(mask: .binary(Mask(width: 400, height: 600))),
      message: "the mask is 400x600 pixels, the image 600x400"),
    Case(prompt: Prompt(mask: .binary(Mask(width: 600, height: 400))), message: "the mask has no pixel set"),
  ]

  @Test(arguments: cases) func areClearErrors(_ entry: Case) throws {
    let sam = try Photos.sam.get()
    let embedding = try Photos.coffee.get()
    let error = #expect(throws: SAMError.self) {
      try sam.predict([.point(5, 5), entry.prompt], in: embedding, multimask: false)
    }
    #expect(error?.description == entry.message)
  }

  @Test(arguments: [
    Prompt.point(0, 0), .point(600, 400), .box(-20, -20, 700, 500), .box(599, 399, 600, 400),
    .point(599.99, 0.01),
  ]) func edgesOfTheImageAreInside(_ prompt: Prompt) throws {
    let answers = try Photos.sam.get().predict([prompt], in: Photos.coffee.get(), multimask: true)
    let areFinite = answers[0].iouPredictions.allSatisfy { $0.isFinite }
    #expect(areFinite)
  }
}
