internal import Files
internal import Statistics

extension Card {
  /// A dataset's card, with its numbers.
  ///
  /// - Parameters:
  ///   - datasets: what was counted.
  ///   - problems: how many errors a check found; nil where none was made.
  public static func dataset(_ datasets: [CollectionStatistics], problems: Int? = nil) -> Card {
    let images = datasets.reduce(0) { $0 + $1.images }, masks = datasets.reduce(0) { $0 + $1.masks }
    let perImage = images == 0 ? "no images" : Decimal.fixed(Double(masks) / Double(images), decimals: 1)
    let name = datasets.map(\.name).joined(separator: ", ")
    var table = [
      ["dataset", "images", "masks", "masks per image", "median", "mean size", "mean width", "mean height"]
    ]
    for dataset in datasets {
      func mean(_ sum: Int) -> String {
        dataset.images == 0 ? "-" : "\(Int((Double(sum) / Double(dataset.images)).rounded()))"
      }
      table.append([
        dataset.name, "\(dataset.images)", "\(dataset.masks)",
        dataset.images == 0 ? "-" : Decimal.fixed(dataset.meanCount, decimals: 1), "\(dataset.medianCount)",
        dataset.masks == 0 ? "-" : Decimal.fixed(dataset.relativeSizes.mean, decimals: 3),
        mean(dataset.widths),
        mean(dataset.heights),
      ])
    }
    return Card(
      "Dataset card: \(name)",
      [
        Section(
          "Motivation",
          [
            Entry("What was the dataset made for?"), Entry("Who made it, and for whom?"),
            Entry("Who paid for it?"),
          ]),
        Section(
          "Composition",
          [
            Entry(
              "What is an instance, and how many are there?",
              "An image with masks of what is in it: \(images) images with \(masks) masks, \(perImage) masks per image on average."
            ),
            Entry("Is it all there is, or a sample of something larger?"),
            Entry("What do masks mean: objects, parts, stuff? Is everything in an image masked?"),
            Entry("Were masks drawn by people, by a model, or both?"),
            Entry("Is there a split for training, validation and testing, and by what rule?"),
            Entry(
              "Are there errors or noise?",
              problems.map {
                $0 == 0
                  ? "A check of all records, pictures and masks found none; whether masks are right, it cannot tell."
                  : "A check of all records, pictures and masks found \($0) errors; see sam dataset validate."
              }),
            Entry("Does it need anything outside itself, such as links that may break?"),
            Entry("Could it offend or harm people who look at it?"),
            Entry("Are people in the pictures? Can they be recognised?"),
            Entry("Which countries are the pictures from?"),
          ], table: table),
        Section(
          "Collection",
          [
            Entry("How were pictures obtained, and in which years were they taken?"),
            Entry("Who collected them, and how were they paid?"),
            Entry("Did people in the pictures know and agree? How can they take that back?"),
            Entry("Was there an ethical review?"),
          ]),
        Section(
          "Preprocessing",
          [
            Entry("What was changed: sizes, blurred faces and plates, removed pictures?"),
            Entry("Are the originals kept?"),
          ]),
        Section(
          "Uses",
          [
            Entry("What has it been used for?"), Entry("What should it not be used for?"),
            Entry("What about its make-up may hurt someone in a later use?"),
          ]),
        Section(
          "Distribution",
          [
            Entry("Who gets it, how, and from when on?"), Entry("Under which licence?"),
            Entry("Do others hold rights in it?"),
          ]),
        Section(
          "Maintenance",
          [
            Entry("Who looks after it, and how are they reached?"),
            Entry("Will errors be corrected, pictures be removed, old versions be kept?"),
            Entry("How can others add to it?"),
          ]),
      ])
  }

  /// The card of how a dataset was annotated.
  public static func annotation(_ datasets: [CollectionStatistics], quality: QualitySummary? = nil) -> Card {
    let masks = datasets.reduce(0) { $0 + $1.masks }, images = datasets.reduce(0) { $0 + $1.images }
    func percent(_ value: Double) -> String {
      value.isFinite ? Decimal.fixed(value * 100, decimals: 1) + " %" : "-"
    }
    return Card(
      "Annotation card: " + datasets.map(\.name).joined(separator: ", "),
      [
        Section(
          "Task",
          [
            Entry("What did annotators do, step by step?"),
            Entry("How much did they make?", "\(masks) masks in \(images) images."),
            Entry("Which judgements are open to opinion, and how was that handled?"),
            Entry("Which risks does the task have for annotators?"),
          ]),
        Section(
          "Annotators",
          [
            Entry("How many were there, where, and with what experience?"), Entry("How were they chosen?"),
            Entry("Whose view is missing, and does it matter here?"),
          ]),
        Section(
          "Platform and pay",
          [
            Entry("On what platform, with which tools?"), Entry("What were they paid, and how was that set?"),
            Entry("How could they ask and object?"), Entry("How were they trained?"),
          ]),
        Section(
          "Evaluation",
          [
            Entry(
              "How good are the masks?",
              quality.map {
                "Of \($0.ious.count) pairs before and after correction \(percent($0.share(above: 0.9))) have an IoU above 90 %, \(percent($0.share(above: 0.75))) above 75 %; \($0.onlyFirst + $0.onlySecond) masks have no counterpart."
              }), Entry("How were they checked, and how often?"), Entry("How well do annotators agree?"),
          ]),
        Section(
          "Release",
          [
            Entry("What is released: every annotator's work, or one result?"),
            Entry("How will mistakes be told and corrected?"),
          ]),
      ])
  }
}
