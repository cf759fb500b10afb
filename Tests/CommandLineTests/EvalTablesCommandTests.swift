import Datasets
import Foundation
import TestSupport
import Testing

/// `sam eval ratings`, `fairness` and `quality`.
@Suite("sam eval with tables")
struct EvalTablesCommandTests {
  private func write(_ text: String, to name: String, in folder: TemporaryDirectory) throws {
    try Data(text.utf8).write(to: URL(filePath: folder.file(name)))
  }

  private func golden(_ name: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(filePath: SharedData.require("golden/stats/\(name)")))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  @Test(.enabled(if: SharedData.has("golden/stats/expected_stats.json")))
  func ratingsAreTheReferenceNumbers() throws {
    let folder = try TemporaryDirectory()
    let samples = try golden("samples.json")
    let ratings = try #require(samples["ratings"] as? [String: [Int]])
    let models = ["sam", "baseline", "single", "ground_truth"]
    var table = "input," + models.joined(separator: ",") + "\r\n"
    for input in 0..<1000 {
      table += "\(input)," + models.map { "\(ratings[$0]?[input] ?? 0)" }.joined(separator: ",") + "\r\n"
    }
    try write(table, to: "r.csv", in: folder)
    let outcome = try Sam.run(
      ["eval", "ratings", "r.csv", "--against", "sam", "--json", "r.json", "--report", "r.html"], in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.text.contains("2.48e-138") && outcome.text.contains("5.97e-10"))

    let expected = try golden("expected_stats.json")
    let paired = try #require(expected["paired"] as? [String: [String: Any]])
    let datasets = try #require(try MadeDataset.json("r.json", in: folder)["datasets"] as? [[String: Any]])
    let pairs = try #require(datasets.first?["pairs"] as? [[String: Any]])
    for (pair, name) in zip(pairs, ["baseline", "single", "ground_truth"]) {
      let reference = try #require(paired["sam_vs_\(name)_1000"])
      for key in ["mean_difference", "sd_difference", "t", "log10_p_two_sided"] {
        let value = try #require(pair[key] as? Double), wanted = try #require(reference[key] as? Double)
        #expect(abs(value - wanted) < 1e-9, "\(name) \(key)")
      }
      let bootstrap = try #require(reference["bootstrap"] as? [String: Any])
      let interval = try #require(pair["bootstrap"] as? [Double])
      #expect(abs(interval[0] - (bootstrap["low"] as? Double ?? .nan)) < 1e-11)
      #expect(abs(interval[1] - (bootstrap["high"] as? Double ?? .nan)) < 1e-11)
      let probability = try #require(pair["p_two_sided"] as? Double)
      let wanted = try #require(Double("\(reference["p_two_sided"] ?? "")"))
      #expect(abs(probability / wanted - 1) < 1e-9)
    }
    let page = try #require(Page(contentsOfFile: folder.file("r.html")))
    #expect(page.text.contains("2.48e-138") && page.text.contains("4e-69"))
  }

  @Test(.enabled(if: SharedData.has("golden/stats/expected_stats.json")))
  func groupsAreTheReferenceNumbers() throws {
    let folder = try TemporaryDirectory()
    let groups = try #require(try golden("samples.json")["groups"] as? [String: [Double]])
    var table = "attribute,value,iou_1\n"
    for name in ["young", "middle", "older"] {
      for value in groups[name] ?? [] { table += "age,\(name),\(value)\n" }
    }
    try write(table, to: "g.csv", in: folder)
    let outcome = try Sam.run(
      ["eval", "fairness", "g.csv", "--json", "g.json", "--report", "g.html"], in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let expected = try #require(try golden("expected_stats.json")["group_ci"] as? [String: [String: Any]])
    let attributes = try #require(
      try MadeDataset.json("g.json", in: folder)["attributes"] as? [[String: Any]])
    let measures = try #require(attributes.first?["measures"] as? [[String: Any]])
    let measured = try #require(measures.first?["groups"] as? [[String: Any]])
    #expect(measured.compactMap { $0["value"] as? String } == ["young", "middle", "older"])
    for group in measured {
      let reference = try #require(expected[group["value"] as? String ?? ""])
      for key in ["mean", "sd", "normal_half_width", "t_half_width"] {
        let value = try #require(group[key] as? Double), wanted = try #require(reference[key] as? Double)
        #expect(abs(value - wanted) < 1e-12, "\(key)")
      }
      let bootstrap = try #require(reference["bootstrap"] as? [String: Any])
      let interval = try #require(group["bootstrap"] as? [Double])
      #expect(abs(interval[0] - (bootstrap["low"] as? Double ?? .nan)) < 1e-11)
      #expect(abs(interval[1] - (bootstrap["high"] as? Double ?? .nan)) < 1e-11)
    }
    _ = try #require(Page(contentsOfFile: folder.file("g.html")))
  }

  @Test func groupsOfADatasetAreMeasuredFromRandomPointsAndGoOn() throws {
    let folder = try TemporaryDirectory()
    try MadeDataset.write("one", count: 3, masks: 2, in: folder)
    try write(
      "image,mask,attribute,value\n0,,size,a\n1,100,size,b\n,101,size,a\n2,,size,b\n2,200,kind,x\n",
      to: "g.csv", in: folder)
    let first = try Sam.run(
      [
        "eval", "fairness", "g.csv", "one", "--seed", "3", "-o", "run", "--json", "a.json", "--report",
        "a.html",
      ],
      in: folder)
    #expect(first.status == 0, "\(first.errors)")
    let again = try Sam.run(
      ["eval", "fairness", "g.csv", "one", "--seed", "3", "-o", "run", "--json", "b.json"], in: folder)
    #expect(again.text == first.text)
    let files = try ["a.json", "b.json"].map { try Data(contentsOf: URL(filePath: folder.file($0))) }
    #expect(files[0] == files[1])
    let attributes = try #require(
      try MadeDataset.json("a.json", in: folder)["attributes"] as? [[String: Any]])
    #expect(attributes.compactMap { $0["attribute"] as? String } == ["size", "kind"])
    let measures = try attributes.map { try #require($0["measures"] as? [[String: Any]]) }
    let counts = measures.map { ($0[0]["groups"] as? [[String: Any]])?.compactMap { $0["masks"] as? Int } }
    #expect(counts == [[3, 3], [1]])
    #expect(first.text.contains("kind x: one mask has no interval"))
    // Of each group the mask in the middle and the worst; of one mask itself.
    let page = try #require(Page(contentsOfFile: folder.file("a.html")))
    #expect(page.count("img") == 5 && page.text.contains("a, in the middle: one, "))
    let other = try Sam.run(["eval", "fairness", "g.csv", "one", "--seed", "4", "-o", "run"], in: folder)
    #expect(other.status == 1 && other.messages.first?.contains("seed was 3, now 4") == true)
  }

  @Test(arguments: [
    ("image,attribute\n0,a\n", "g.csv: no column 'value', there are: image, attribute"),
    ("attribute,value\na,b\n", "g.csv: no column 'image', there are: attribute, value"),
    ("image,attribute,value\n", "g.csv: no rows below the header"),
    ("image,attribute,value\n0,a,\n", "g.csv: line 2: nothing in column 'value'"),
    ("image,attribute,value\n0,a,b\n0,a,c\n", "g.csv: line 3: a is 'c' here and 'b' in line 2"),
    ("image,attribute,value\n0,a,b\n0,a,b\n", "g.csv: line 3: says the same as line 2"),
    ("image,mask,attribute,value\n0,x,a,b\n", "g.csv: line 2: 'x' is no mask's number"),
    ("image,mask,attribute,value\n,,a,b\n", "g.csv: line 2: names neither an image nor a mask"),
    (
      "image,attribute,value\n0,a,b\n77,a,b\n",
      "g.csv: line 3: '77' is in none of the datasets"
    ),
    (
      "image,attribute,value\n0,a,b\n77,a,b\n78,a,b\n",
      "g.csv: line 3: '77' is in none of the datasets, nor is what another row names"
    ),
    (
      "mask,attribute,value\n7,a,b\n",
      "g.csv: line 2: mask 7 is in one/0 and in one/1; add a column image, or dataset"
    ),
  ])
  func whatIsWrongWithGroupsIsOneLine(table: String, message: String) throws {
    let folder = try TemporaryDirectory()
    try MadeDataset.write("one", count: 2, masks: 1, in: folder) { _, record in record.annotations[0].id = 7 }
    try write(table, to: "g.csv", in: folder)
    let outcome = try Sam.run(["eval", "fairness", "g.csv", "one"], in: folder)
    #expect(outcome.status == 1)
    #expect(outcome.messages == ["sam: " + message], "\(outcome.errors)")
  }

  @Test(arguments: [
    ("", "r.csv: an empty file, not a table"),
    ("input,a\n1,5\n", "r.csv: ratings of 'a' alone; two models or more can be compared"),
    ("a,b\n1,2\n", "r.csv: no column 'input', there are: a, b"),
    ("input,a,b\nx,1,0\n", "r.csv: line 2: a rating of 0; expected 1 to 10"),
    ("input,a,b\nx,1,nan\n", "r.csv: line 2: 'nan' in column 'b' is no finite number"),
    ("input,a,b\nx,1,\n", "r.csv: line 2: '' in column 'b' is no finite number"),
    ("input,a,b\nx,1,2\nx,1,2\n", "r.csv: line 3: 'x' was rated for 'a' in line 2 already"),
    (
      "input,model,rating\nx,a,1\nx,b,2\ny,a,3\n",
      "r.csv: 'y' has no rating for 'b'; pairs need both"
    ),
    ("input;a;b\n1;2;3\n", "r.csv: line 1: values are separated by semicolons, expected commas"),
  ])
  func whatIsWrongWithRatingsIsOneLine(table: String, message: String) throws {
    let folder = try TemporaryDirectory()
    try write(table, to: "r.csv", in: folder)
    let outcome = try Sam.run(["eval", "ratings", "r.csv"], in: folder)
    #expect(outcome.status == 1)
    #expect(outcome.messages == ["sam: " + message], "\(outcome.errors)")
  }

  @Test func ratingsOfOneInputAndEqualDifferencesHaveNoTest() throws {
    let folder = try TemporaryDirectory()
    try write(
      "input,model,rating,dataset\nx,a,3,d\nx,b,2,d\ny,a,5,e\ny,b,4,e\nz,a,7,e\nz,b,6,e\n", to: "r.csv",
      in: folder)
    let outcome = try Sam.run(
      ["eval", "ratings", "r.csv", "--json", "r.json", "--report", "r.html"], in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let datasets = try #require(try MadeDataset.json("r.json", in: folder)["datasets"] as? [[String: Any]])
    #expect(datasets.compactMap { $0["name"] as? String } == ["d", "e"])
    for dataset in datasets {
      let pair = try #require((dataset["pairs"] as? [[String: Any]])?.first)
      #expect(pair["t"] is NSNull && pair["p_two_sided"] is NSNull && pair["mean_difference"] as? Double == 1)
    }
    _ = try #require(Page(contentsOfFile: folder.file("r.html")))
    let unknown = try Sam.run(["eval", "ratings", "r.csv", "--against", "c"], in: folder)
    #expect(unknown.messages == ["sam: r.csv: no model 'c', there are: a, b"])
  }

  @Test func qualityIsTheShareOfPairsThatAgree() throws {
    let folder = try TemporaryDirectory()
    try MadeDataset.write("before", count: 2, masks: 3, in: folder)
    // One mask less, and another where one was.
    try MadeDataset.write("after", count: 2, masks: 3, in: folder) { index, record in
      if index == 0 { record.annotations[2].mask = record.annotations[1].mask }
      if index == 1 { record.annotations.removeLast() }
    }
    let same = try Sam.run(["eval", "quality", "before", "before", "--json", "s.json"], in: folder)
    #expect(same.status == 0, "\(same.errors)")
    let all = try MadeDataset.json("s.json", in: folder)
    #expect(all["above_90"] as? Double == 1 && all["pairs"] as? Int == 6 && all["only_first"] as? Int == 0)
    let outcome = try Sam.run(
      ["eval", "quality", "before", "after", "--json", "q.json", "--report", "q.html", "--csv", "q.csv"],
      in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let numbers = try MadeDataset.json("q.json", in: folder)
    #expect(numbers["pairs"] as? Int == 5 && numbers["only_first"] as? Int == 1)
    #expect(numbers["above_90"] as? Double == 0.8)
    #expect(numbers["above_90_of_all"] as? Double == 4.0 / 6)
    let table = try String(contentsOf: URL(filePath: folder.file("q.csv")), encoding: .utf8)
    #expect(table.hasPrefix("image,first,second,iou\n0,0,0,1\n") && table.contains("1,102,,\n"))
    let page = try #require(Page(contentsOfFile: folder.file("q.html")))
    #expect(page.text.contains("SA-1B") && page.count("img") == 5)
  }

  /// The settings that everything mode keeps beside its records are not taken for a record.
  @Test func masksOfEverythingModeAreCompared() throws {
    let folder = try TemporaryDirectory()
    let made = try Sam.run(
      ["everything", Sam.photo("coffee.jpg"), "-o", "auto", "--format", "sa1b", "--points-per-side", "4"],
      in: folder)
    #expect(made.status == 0 && FileManager.default.fileExists(atPath: folder.file("auto/everything.json")))
    let outcome = try Sam.run(
      ["eval", "quality", "auto", "auto", "--images", Sam.photo(""), "--json", "q.json"], in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let numbers = try MadeDataset.json("q.json", in: folder)
    #expect(numbers["images"] as? Int == 1 && numbers["above_90"] as? Double == 1)
  }

  @Test func aComparisonGoesOnAndDrawsImages() throws {
    let folder = try TemporaryDirectory()
    try MadeDataset.write("before", count: 4, masks: 3, in: folder)
    try MadeDataset.write("after", count: 4, masks: 3, in: folder) { index, record in
      if index > 0, record.annotations.count > 1 { record.annotations[0].mask = record.annotations[1].mask }
    }
    let whole = try Sam.run(
      ["eval", "quality", "before", "after", "--json", "w.json", "--csv", "w.csv"], in: folder)
    let part = try Sam.run(
      ["eval", "quality", "before", "after", "-o", "run", "--limit", "2", "--seed", "3"], in: folder)
    #expect(part.status == 0 && part.text.contains("\n     2 "), "\(part.errors)")
    let rest = try Sam.run(
      ["eval", "quality", "before", "after", "-o", "run", "--json", "r.json", "--csv", "r.csv"], in: folder)
    #expect(rest.status == 0 && rest.output == whole.output, "\(rest.errors)")
    for kind in ["json", "csv"] {
      #expect(
        FileManager.default.contentsEqual(
          atPath: folder.file("w.\(kind)"), andPath: folder.file("r.\(kind)")))
    }
    let other = try Sam.run(
      ["eval", "quality", "before", "after", "-o", "run", "--match", "iou"], in: folder)
    #expect(other.status == 1 && other.errors.contains("match was id, now iou"), "\(other.errors)")
  }

  @Test func imagesThatDoNotCorrespondAreTold() throws {
    let folder = try TemporaryDirectory()
    try MadeDataset.write("before", count: 2, in: folder)
    try MadeDataset.write("after", count: 2, in: folder) { index, record in
      if index == 1 {
        record.width = 40
        record.height = 40
        record.annotations = []
      }
    }
    try FileManager.default.moveItem(atPath: folder.file("after/0.json"), toPath: folder.file("after/9.json"))
    let outcome = try Sam.run(["eval", "quality", "before", "after"], in: folder)
    #expect(outcome.status == 1)
    #expect(outcome.messages.contains("sam: before: '0' is not in after"), "\(outcome.errors)")
    #expect(outcome.messages.contains("sam: after: '9' is not in before"))
    #expect(outcome.messages.contains { $0.contains("the mask is 40 x 40 pixels, the image 96 x 80") })
    let missing = try Sam.run(["eval", "quality", "before", "none"], in: folder)
    #expect(missing.messages == ["sam: none: cannot open: No such file or directory"])
  }
}
