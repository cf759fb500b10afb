import Imaging
import Modeling
import Tensors
import Testing

@testable import Verification

@Suite struct FormulaTests {
  private let formula = Formula(salt: "sam-golden:")

  @Test func weightsAreThoseOfTheWorkedExamples() {
    let compute = Compute(threads: 2)
    let name = "image_encoder.patch_embed.proj.weight"
    #expect(formula.hash(name) == 0x392a_050c_ed7a_ec35)
    let weight = formula.weight(name, [768, 3, 16, 16], on: compute).elements
    #expect(
      weight.prefix(5) == [
        -0.052201271057128906, -0.025975048542022705, 0.00598878413438797, 0.0022503286600112915,
        0.05754357576370239,
      ])
    #expect(weight.last == -0.013920038938522339)

    let norm = "image_encoder.blocks.0.norm1.weight"
    #expect(formula.hash(norm) == 0xd4a8_6e17_b4ee_02ff)
    #expect(Formula.uniform(formula.hash(norm), 1) == 0.3996049165725708)
    #expect(formula.weight(norm, [768], on: compute).elements.last == 0.9468901753425598)
  }

  @Test func weightsDoNotDependOnThreads() {
    let shape: Shape = [1000, 700]
    let one = formula.weight("x.weight", shape, on: Compute(threads: 1)).elements
    #expect(one == formula.weight("x.weight", shape, on: Compute(threads: 4)).elements)
    #expect(abs(one.reduce(0, +) / Float(one.count)) < 1e-3)
  }

  @Test func pixelsFollowTheFormula() throws {
    let image = try Formula(salt: "tinyvit").image(width: 64, height: 8)
    #expect(image.pixels.prefix(2) == [6, 60])
    #expect(image.pixels.count == 64 * 8 * 3)
  }

  /// Parameters of the official models, the positional encoding's matrix among them.
  @Test(arguments: [(768, 12, 93_735_728), (1024, 24, 312_343_088), (1280, 32, 641_090_864)])
  func shapesAreThoseOfTheOfficialModels(_ width: Int, _ depth: Int, _ count: Int) throws {
    let known = try #require(ViTConfiguration.known(width: width, depth: depth))
    let encoder = ViTConfiguration(
      width: width, depth: depth, heads: known.heads, mlpWidth: 4 * width, globalBlocks: known.globalBlocks)
    let configuration = ModelConfiguration(
      imageSize: 1024, encoder: .viT(encoder), decoder: DecoderConfiguration())
    let shapes = ParameterShapes(encoder, configuration).shapes
    #expect(Set(shapes.map(\.name)).count == shapes.count)
    #expect(shapes.reduce(0) { $0 + $1.shape.elementCount } == count)
  }

  @Test func thinningKeepsEveryKthRowAndColumn() throws {
    let image = Tensor((0..<5 * 5 * 2).map(Float.init), shape: [1, 5, 5, 2])
    let thinned = try #require(image.thinned(height: 3, width: 3))
    #expect(thinned.shape == [1, 3, 3, 2])
    #expect(thinned.elements.prefix(6) == [0, 1, 4, 5, 8, 9])
    #expect(thinned[[0, 2, 1, 1]] == image[[0, 4, 2, 1]])
    #expect(image.thinned(height: 5, width: 5)?.elements == image.elements)
    #expect(image.thinned(height: 4, width: 4) == nil)
    #expect(image.thinned(height: 6, width: 5) == nil)
    #expect(image.thinned(height: 1, width: 1)?.elements == [0, 1])
  }
}
