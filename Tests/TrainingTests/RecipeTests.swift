import Datasets
import Modeling
import Tensors
import Testing

@testable import Training

@Suite("Recipes")
struct RecipeTests {
  @Test("give what they say, and defaults for the rest")
  func read() throws {
    let recipe = try SmallTraining.recipe()
    #expect(recipe.seed == 3)
    #expect(recipe.stages.map(\.size) == [64, 96])
    #expect(recipe.steps == 9)
    #expect(recipe.stage(of: 6)?.index == 1)
    #expect(recipe.stage(of: 9) == nil)
    #expect(recipe.objective.prompts.pointRounds == 0...2)
    #expect(recipe.objective.loss.focal == 20)
    #expect(recipe.optimizer.clip == 1)
    #expect(recipe.validation.data.isEmpty)
    #expect(!recipe.roundsProducts)
    let rounding = try SmallTraining.recipe(
      ("synthetic: 1", "synthetic: 1\nprecision: bfloat16\nmask_emphasis: 0.5"))
    let trainer = Trainer(rounding, folder: RunFolder("none"))
    #expect(rounding.objective.maskEmphasis == 0.5 && recipe.objective.maskEmphasis == 0)
    #expect(rounding.roundsProducts && trainer.computes.allSatisfy(\.roundsProducts))
  }

  @Test("A stage's points and masks stand before the recipe's, in its steps only")
  func stages() throws {
    let recipe = try SmallTraining.recipe(
      ("rate: 5.0e-4}", "rate: 5.0e-4, points: [1, 8], masks_per_image: 2}"),
      ("alpha: 0.5,", "alpha: 0.5, others: 0.05, outline: 4,"),
      ("without_points: 1", "without_points: 1, innermost_of: 3"))
    #expect(
      recipe.objective.loss.others == 0.05 && recipe.objective.loss.outline == 4
        && recipe.objective.prompts.innermostOf == 3)
    let trainer = Trainer(recipe, folder: RunFolder("none"))
    let (first, second) = (recipe.stages[0], recipe.stages[1])
    let cache = EmbeddingCache(limit: 0)
    #expect(first.pointRounds == nil && first.masksPerImage == nil)
    #expect(trainer.step(at: 0, of: first, cache).objective.prompts.pointRounds == 0...2)
    #expect(trainer.step(at: 6, of: second, cache).objective.prompts.pointRounds == 1...8)
    #expect(trainer.settings(first, batch: 3).masksPerImage == 3)
    #expect(trainer.settings(second, batch: 2).masksPerImage == 2)
    let one = try SmallTraining.recipe(("rate: 5.0e-4}", "rate: 5.0e-4, points: 4}"))
    #expect(one.stages[1].pointRounds == 4...4)
    let plain = try SmallTraining.recipe().objective
    #expect(plain.loss.others == 0 && plain.loss.outline == 0 && plain.prompts.innermostOf == 1)
  }

  static let mistakes: [(text: String, problem: String)] = [
    ("- a", "r.yml:1: the recipe must be a mapping"),
    ("stages: []", "r.yml:1: model is missing"),
    ("model: {form: vit_x}", "r.yml:1: model.form must be one of vit_b, vit_l, vit_h, nano"),
    ("model: {form: nano, widths: [1, 2]}", "r.yml:1: model.widths must be 4 whole numbers from 1 to 4096"),
    ("model: {form: nano, colour: red}", "r.yml:1: unknown key model.colour"),
    ("model: {form: nano}\nstages: [{size: 100}]", "r.yml:2: stages[0].size must be a multiple of 16"),
    ("model: {form: nano}\nstages: [{size: 96}]", "r.yml:2: stages[0].batch is missing"),
    (
      "model: {form: nano}\nstages:\n  - {size: 96, batch: 0}",
      "r.yml:3: stages[0].batch must be a whole number from 1 to 65536"
    ),
    (
      "model: {form: nano}\nstages: [{size: 96, batch: 1, steps: 1, rate: 1, schedule: round}]",
      "r.yml:2: stages[0].schedule must be cosine, constant or steps"
    ),
    (
      "model: {form: nano}\nstages: [{size: 96, batch: 1, steps: 1, rate: 1, points: [2, 1]}]",
      "r.yml:2: stages[0].points must be one whole number or two in order, each from 0 to 100"
    ),
    (
      "model: {form: nano}\nstages: [{size: 96, batch: 1, steps: 1, rate: 1, masks_per_image: 0}]",
      "r.yml:2: stages[0].masks_per_image must be a whole number from 1 to 4096"
    ),
    (
      "model: {form: nano}\nstages: []\ndata: []\nprompts: {points: [0.5, 1]}",
      "r.yml:4: prompts.points must be one whole number"
    ),
    (
      "model: {form: nano}\nstages: []\ndata: []\nloss: {others: 1.5}",
      "r.yml:4: loss.others must be from 0 to 1"
    ),
    (
      "model: {form: nano}\nstages: [{size: 96, batch: 1, steps: 1, rate: 1, schedule: steps, drops: [0.5, 2]}]",
      "r.yml:2: stages[0].drops must be a list of numbers, each from 0 to 1"
    ),
    (
      "model: {form: vit_b, depth: 4, global_blocks: [1, 4]}",
      "r.yml:1: model.global_blocks must be whole numbers from 0 to 3"
    ),
    (
      "model: {form: nano}\nstages: []\ndata: [a, {path: b, picture: c}]",
      "r.yml:3: unknown key data[1].picture; there are images, path, weight"
    ),
    (
      "model: {form: nano}\nstages: []\ndata: []\nvalidation: {data: [{path: b, weight: 2}]}",
      "r.yml:4: unknown key validation.data[0].weight; there are images, path"
    ),
    ("model: {form: nano}\nstages: []", "r.yml:1: data is missing"),
    ("model: {form: nano}\nstages: []\ndata: 7", "r.yml:3: data must be a list"),
    (
      "model: {form: nano}\nstages: []\ndata: []\nloss: {alpha: 2}", "r.yml:4: loss.alpha must be from 0 to 1"
    ),
    (
      "model: {form: nano}\nstages: []\ndata: []\nprecision: half",
      "r.yml:4: precision must be float32 or bfloat16"
    ),
    ("model: {form: nano}\nstages: []\ndata: []\nlos: 1", "r.yml:4: unknown key los; there are"),
  ]

  @Test("with mistakes are refused by line and key", arguments: mistakes)
  func mistake(_ item: (text: String, problem: String)) {
    #expect {
      try Recipe(item.text, path: "r.yml")
    } throws: {
      let isSaid = "\($0)".hasPrefix(item.problem)
      if !isSaid { print("\($0)") }
      return isSaid
    }
  }

  @Test("that are no YAML are refused")
  func syntax() {
    #expect {
      try Recipe("model: [", path: "r.yml")
    } throws: { "\($0)".hasPrefix("r.yml: ") }
  }

  @Test("Learning rates rise, fall, and step")
  func schedules() {
    #expect(Schedule.constant.factor(step: 0, of: 10, warmup: 0) == 1)
    #expect(Schedule.constant.factor(step: 0, of: 10, warmup: 3) == 0.25)
    #expect(abs(Schedule.cosine.factor(step: 5, of: 10, warmup: 0) - 0.5) < 1e-12)
    #expect(abs(Schedule.cosine.factor(step: 10, of: 10, warmup: 0)) < 1e-12)
    let steps = Schedule.steps(after: [2.0 / 3, 26.0 / 27], factor: 0.1)
    #expect([0, 50, 70, 99].map { steps.factor(step: $0, of: 100, warmup: 0) } == [1, 1, 0.1, 0.1 * 0.1])
  }

  @Test func madeScenesAreOfBothKindsAndNotThoseThatModelsAreMeasuredOn() throws {
    let recipe = try SmallTraining.recipe((of: "synthetic: 1", to: "synthetic: 3\nnested: 0.5"))
    let sources = try recipe.sources()
    #expect(sources.map(\.dataset.name) == ["scenes-3", "nested-\(~UInt64(3))"])
    #expect(sources.map(\.weight) == [3, 0.5])
    let alone = try SmallTraining.recipe((of: "synthetic: 1", to: "nested: 1")).sources()
    #expect(alone.map(\.dataset.name) == ["nested-\(~UInt64(3))"])
  }
}
