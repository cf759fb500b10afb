package import Files

/// Ratings from 1 to 10 of several models on the same inputs.
///
/// Two forms are read. Long: columns `input`, `model`, `rating`. Wide: a column `input`, and one for each model. In both, a column
/// `dataset` divides the inputs.
package struct RatingTable: Sendable, Equatable {
  /// The inputs of one dataset.
  package struct Part: Sendable, Equatable {
    /// The dataset; empty where the table has none.
    package let name: String
    /// Names of the inputs, in the order of the table.
    package let inputs: [String]
    /// Ratings of each model, one for each input.
    package let ratings: [[Double]]
  }

  /// The models, in the order of the table.
  package let models: [String]
  /// The datasets, in the order of the table.
  package let parts: [Part]

  /// Reads a table.
  ///
  /// - Throws: ``CSVError`` for what is no rating, for an input that is rated twice by one model, or not by all.
  package init(_ table: CSVTable) throws(CSVError) {
    let input = try table.column("input")
    let dataset = table.header.firstIndex(of: "dataset")
    let isLong = table.header.contains("model") || table.header.contains("rating")
    var gathered = Gathering(path: table.path)
    if isLong {
      let model = try table.column("model"), rating = try table.column("rating")
      for row in table.rows {
        try gathered.add(
          table, row, dataset: dataset, input: input, model: try table.text(row, model), rating: rating)
      }
    } else {
      let columns = table.header.indices.filter { $0 != input && $0 != dataset }
      for row in table.rows {
        for column in columns {
          try gathered.add(
            table, row, dataset: dataset, input: input, model: table.header[column], rating: column)
        }
      }
    }
    models = gathered.models
    guard models.count > 1 else {
      throw CSVError(
        path: table.path, line: nil,
        problem: .content(
          models.isEmpty
            ? "no ratings in it" : "ratings of '\(models[0])' alone; two models or more can be compared"))
    }
    parts = try gathered.parts()
  }

  /// Ratings as they are found.
  private struct Gathering {
    let path: String
    var models: [String] = []
    private var modelPlaces: [String: Int] = [:]
    private var datasets: [String] = []
    private var inputs: [String: [String]] = [:]
    /// By dataset and input: by model, a rating and where it is.
    private var cells: [[String]: [Int: (rating: Double, line: Int)]] = [:]

    init(path: String) { self.path = path }

    mutating func add(
      _ table: CSVTable, _ row: CSVTable.Row, dataset: Int?, input: Int, model: String, rating: Int
    ) throws(CSVError) {
      func failure(_ text: String) -> CSVError {
        CSVError(path: table.path, line: row.line, problem: .content(text))
      }
      let value = try table.number(row, rating)
      guard (1...10).contains(value) else {
        throw failure("a rating of \(Decimal.exact(value)); expected 1 to 10")
      }
      let name = try table.text(row, input)
      let part = try dataset.map { (column) throws(CSVError) in try table.text(row, column) } ?? ""
      let place = modelPlaces[model] ?? models.count
      if place == models.count {
        models.append(model)
        modelPlaces[model] = place
      }
      if inputs[part] == nil { datasets.append(part) }
      let key = [part, name]
      if cells[key] == nil { inputs[part, default: []].append(name) }
      if let before = cells[key]?[place] {
        throw failure("'\(name)' was rated for '\(model)' in line \(before.line) already")
      }
      cells[key, default: [:]][place] = (value, row.line)
    }

    func parts() throws(CSVError) -> [Part] {
      var parts: [Part] = []
      for dataset in datasets {
        let names = inputs[dataset] ?? []
        var ratings = [[Double]](repeating: [], count: models.count)
        for name in names {
          for model in models.indices {
            guard let cell = cells[[dataset, name]]?[model] else {
              let what = dataset.isEmpty ? "'\(name)'" : "'\(name)' of \(dataset)"
              throw CSVError(
                path: path, line: nil,
                problem: .content("\(what) has no rating for '\(models[model])'; pairs need both"))
            }
            ratings[model].append(cell.rating)
          }
        }
        parts.append(Part(name: dataset, inputs: names, ratings: ratings))
      }
      return parts
    }
  }
}
