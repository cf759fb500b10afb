/// The paper's human study ("Segment Anything", arXiv 2304.02643, figure 18 and table 8), as printed.
public enum PublishedRatings {
  /// A dataset's row.
  public struct Row: Sendable, Equatable {
    /// The dataset.
    public let dataset: String
    /// Mean ± half the 95 % interval of RITM, SAM with a single output, SAM, and the ground truth.
    public let means: [String]
    /// That SAM is no better than RITM, by a paired t-test.
    public let probability: String
    /// The 99 % interval of the mean difference.
    public let interval: String
  }

  /// The seven datasets.
  public static let rows: [Row] = [
    Row(
      dataset: "LVIS v0.5", means: ["6.5 ± .15", "7.7 ± .12", "8.1 ± .10", "8.5 ± .09"], probability: "4e-69",
      interval: "1.40 to 1.84"),
    Row(
      dataset: "VISOR", means: ["6.3 ± .16", "7.5 ± .13", "8.3 ± .09", "8.5 ± .13"], probability: "7e-98",
      interval: "1.81 to 2.24"),
    Row(
      dataset: "DRAM", means: ["5.9 ± .14", "6.8 ± .15", "7.7 ± .13", "8.0 ± .15"], probability: "1e-76",
      interval: "1.54 to 2.00"),
    Row(
      dataset: "IBD", means: ["7.1 ± .12", "7.9 ± .11", "8.3 ± .08", "8.4 ± .09"], probability: "2e-57",
      interval: "1.03 to 1.39"),
    Row(
      dataset: "NDD20", means: ["6.4 ± .17", "8.2 ± .11", "8.6 ± .10", "8.9 ± .06"], probability: "2e-86",
      interval: "1.88 to 2.37"),
    Row(
      dataset: "OVIS", means: ["6.1 ± .15", "7.2 ± .13", "7.7 ± .12", "8.8 ± .09"], probability: "2e-64",
      interval: "1.38 to 1.84"),
    Row(
      dataset: "iShape", means: ["4.9 ± .16", "6.2 ± .17", "7.1 ± .15", "9.3 ± .06"], probability: "2e-88",
      interval: "1.97 to 2.47"),
  ]

  /// The paper's mean ratings of models on a dataset, in the order of names; not a number for a model that it did not rate, nil for a
  /// dataset that it did not use.
  ///
  /// - Parameters:
  ///   - dataset: however it is spelt: `lvis` is LVIS v0.5.
  ///   - models: of which `ritm`, `sam`, those with `single` and those with `truth` in their names are the paper's.
  public static func means(dataset: String, models: [String]) -> [Double]? {
    func plain(_ text: String) -> String { text.lowercased().filter { $0.isLetter || $0.isNumber } }
    let wanted = plain(dataset)
    guard !wanted.isEmpty,
      let row = rows.first(where: {
        plain($0.dataset).hasPrefix(wanted) || wanted.hasPrefix(plain($0.dataset))
      })
    else { return nil }
    let values = models.map { model -> Double in
      let name = plain(model)
      let place: Int? =
        name == "ritm"
        ? 0 : name.contains("single") ? 1 : name == "sam" ? 2 : name.contains("truth") ? 3 : nil
      guard let place else { return .nan }
      return row.means[place].split(separator: " ").first.flatMap { Double($0) } ?? .nan
    }
    return values.contains(where: \.isFinite) ? values : nil
  }
}
