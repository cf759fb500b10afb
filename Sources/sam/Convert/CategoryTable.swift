import Datasets

/// The categories of a dataset that is being converted, numbered from 1 on where the source has only names.
struct CategoryTable {
  /// Names by number.
  private(set) var names: [Int: String]
  private var numbers: [String: Int] = [:]
  /// Classes of formats that count them without gaps.
  private var ranks: [Int: Int] = [:]

  /// - Parameter names: those that the source declares.
  init(_ names: [Int: String]) {
    self.names = names
    for (rank, number) in names.keys.sorted().enumerated() {
      ranks[number] = rank + 1
      if let name = names[number] { numbers[name] = number }
    }
  }

  /// Gives an annotation both a number and a name.
  ///
  /// - Parameter withoutGaps: whether the number is the category's rank among all.
  mutating func complete(_ annotation: inout Annotation, withoutGaps: Bool) {
    let label = annotation.label ?? annotation.category.flatMap { names[$0] }
    let number = annotation.category ?? number(of: label ?? "object")
    if names[number] == nil { add(label ?? (annotation.category == nil ? "object" : "\(number)"), number) }
    annotation.category = withoutGaps ? ranks[number] : number
    annotation.label = names[number]
  }

  /// Names in the order of their ranks.
  var rankedNames: [String] {
    ranks.sorted { $0.value < $1.value }.map { names[$0.key] ?? "" }
  }

  private func number(of label: String) -> Int { numbers[label] ?? (names.keys.max() ?? 0) + 1 }

  private mutating func add(_ name: String, _ number: Int) {
    names[number] = name
    numbers[name] = number
    ranks[number] = ranks.count + 1
  }
}
