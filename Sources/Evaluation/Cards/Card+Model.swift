internal import Files
public import SegmentAnything

extension Card {
  /// A model's card, with its sizes and, where there are any, its results.
  ///
  /// - Parameters:
  ///   - model: whose card it is.
  ///   - results: of `sam eval points`; nil where nothing was measured.
  public static func model(_ model: SAM, results: PointReport? = nil) -> Card {
    var table: [[String]] = []
    if let results {
      table = [["dataset", "masks", "images", "1 point", "1 point, best of 3", "3 points", "box"]]
      func number(_ value: Double?) -> String {
        value.flatMap { $0.isFinite ? Decimal.fixed($0, decimals: 3) : nil } ?? "-"
      }
      func add(_ name: String, _ images: Int, _ measures: PointMeasures) {
        table.append([
          name, "\(measures.masks)", "\(images)", number(measures.points.first), number(measures.oracle),
          number(measures.points.count > 2 ? measures.points[2] : nil), number(measures.box),
        ])
      }
      for dataset in results.datasets { add(dataset.name, dataset.summary.images, dataset.measures) }
      if results.datasets.count > 1 { add("mean", results.mean.images, results.meanMeasures) }
    }
    let info = model.info
    return Card(
      "Model card: \(info.name)",
      [
        Section(
          "Model",
          [
            Entry(
              "What is it?",
              "A promptable segmentation model (Segment Anything): \(Decimal.fixed(Double(info.parameterCount) / 1e6, decimals: 2)) million parameters, input of \(model.configuration.imageSize) x \(model.configuration.imageSize) pixels. It answers points, boxes and masks with masks of no category."
            ), Entry("Which weights?", "Fingerprint \(info.fingerprint.description)."),
            Entry("Who made it, and when?"),
            Entry("Under which licence?", info.notice), Entry("Where do questions go?"),
          ]),
        Section(
          "Use",
          [
            Entry("What is it for?"), Entry("Who is it for?"), Entry("What should it not be used for?"),
            Entry(
              "What should a user know?",
              "A prompt may have several right masks; fine structure is missed and small stray parts occur; an estimate of a mask's IoU comes with it, and is one."
            ),
          ]),
        Section(
          "Factors",
          [
            Entry("On which groups, places and kinds of pictures was it tested apart?"),
            Entry("Where is it known to be worse?"),
          ]),
        Section(
          "Metrics and results",
          [
            Entry(
              "What was measured?",
              results == nil
                ? nil
                : "Mean IoU over the masks of each dataset, from points and boxes by the paper's procedure (sam eval points)."
            )
          ], table: table),
        Section(
          "Evaluation data", [Entry("Which datasets, and why these?"), Entry("How were they prepared?")]),
        Section(
          "Training data",
          [
            Entry("Which datasets, how many images and masks?"),
            Entry("Do training and evaluation data overlap?"),
          ]),
        Section(
          "Training",
          [
            Entry("On what hardware, for how long?"), Entry("How much energy and carbon did it take?"),
            Entry("By which recipe?"),
          ]),
        Section("Ethics", [Entry("Which harm may come of it, and what was done against that?")]),
      ])
  }
}
