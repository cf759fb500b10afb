import Datasets
import Foundation
import Imaging
import TestSupport
import Testing

@Suite("sam dataset")
struct DatasetCommandTests {
  @Test func statisticsAreCountedAndReported() throws {
    let folder = try TemporaryDirectory()
    try MadeDataset.write("one", count: 3, masks: 2, in: folder)
    try MadeDataset.write("two", count: 12, masks: 20, seed: 2, in: folder)
    try Data(
      "image,country,dataset\n0,FRA,one\n1,fra,one\n2,KEN,one\n0,Atlantis,two\n1,,two\n9,USA,one\n".utf8
    )
    .write(to: URL(filePath: folder.file("c.csv")))
    let outcome = try Sam.run(
      ["dataset", "stats", "one", "two", "--countries", "c.csv", "--json", "s.json", "--report", "s.html"],
      in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.messages == [
        "c.csv: 'Atlantis' is no country's three letters; it is in no region",
        "c.csv: line 7: '9' is in none of the datasets",
      ])
    let numbers = try MadeDataset.json("s.json", in: folder)
    let datasets = try #require(numbers["datasets"] as? [String: [String: Any]])
    #expect(datasets["one"]?["images"] as? Int == 3 && datasets["one"]?["masks"] as? Int == 6)
    #expect(datasets["one"]?["masks_per_image"] as? Double == 2)
    let centres = try #require(datasets["two"]?["centres"] as? [String: Any])
    let counts = try #require(centres["counts"] as? [Int])
    #expect(counts.count == 1024 && counts.reduce(0, +) == datasets["two"]?["masks"] as? Int)
    let countries = try #require(numbers["countries"] as? [String: [String: Any]])
    #expect(
      countries["FRA"]?["images"] as? Int == 2 && countries["KEN"]?["income"] as? String == "middle income")
    #expect(countries["Atlantis"]?["region"] is NSNull)
    #expect(numbers["images_without_country"] as? Int == 11)
    let page = try #require(Page(contentsOfFile: folder.file("s.html")))
    #expect(page.text.contains("Europe") && page.text.contains("Open Images") && page.count("svg") > 6)
    // Three images of each dataset with their masks.
    #expect(page.count("img") == 6 && page.text.contains("SA-1B, published"))
    let again = try Sam.run(["dataset", "stats", "one", "two", "--json", "t.json"], in: folder)
    #expect(again.status == 0 && again.text.hasPrefix("dataset  images"))
  }

  @Test func validationNamesFileAndReason() throws {
    let folder = try TemporaryDirectory()
    try MadeDataset.write("good", in: folder)
    let good = try Sam.run(["dataset", "validate", "good"], in: folder)
    #expect(good.status == 0)
    #expect(good.text.hasSuffix("0 errors, 0 warnings\n"), "\(good.text)")

    try MadeDataset.write("bad", count: 7, masks: 2, in: folder) { index, record in
      switch index {
      case 1: record.annotations[0].area += 9
      case 2: record.annotations[1].box.x += 20
      case 3: record.annotations[1].id = record.annotations[0].id
      case 4: record.annotations[0].points = [Point(x: 500, y: 1)]
      case 5: record.annotations[1].mask = record.annotations[0].mask
      default: break
      }
    }
    try Data("{".utf8).write(to: URL(filePath: folder.file("bad/6.json")))
    try Data("no picture".utf8).write(to: URL(filePath: folder.file("bad/0.png")))
    try FileManager.default.copyItem(atPath: folder.file("bad/1.png"), toPath: folder.file("bad/lonely.png"))
    let outcome = try Sam.run(
      ["dataset", "validate", "good", "bad", "--json", "v.json", "--report", "v.html"], in: folder)
    #expect(outcome.status == 1)
    let lines = outcome.text.split(separator: "\n").map(String.init)
    for beginning in [
      "bad/0.png: ", "bad/1.png: annotation 100: the area is stated as ",
      "bad/2.png: annotation 201: the box is stated as ",
      "bad/3.png: annotation 300: annotation number 300 occurs twice",
      "bad/4.png: annotation 400: the point 500,1 lies outside the image",
      "warning: bad/5.png: annotation 501: the same mask as annotation 500",
      "bad/6.json: not the JSON expected",
      "warning: bad/lonely.png: a picture without a record",
    ] {
      #expect(lines.contains { $0.hasPrefix(beginning) }, "\(beginning): \(outcome.text)")
    }
    let numbers = try MadeDataset.json("v.json", in: folder)
    let problems = try #require(numbers["problems"] as? [[String: Any]])
    #expect(problems.count == lines.count - 1)
    #expect((numbers["errors"] as? Int ?? 0) + (numbers["warnings"] as? Int ?? 0) == problems.count)
    _ = try #require(Page(contentsOfFile: folder.file("v.html")))
  }

  @Test func statisticsAndChecksGoOn() throws {
    let folder = try TemporaryDirectory()
    try MadeDataset.write("one", count: 6, masks: 3, in: folder) { index, record in
      if index == 4 { record.annotations[0].area = 1 }
    }
    try Data("{".utf8).write(to: URL(filePath: folder.file("one/5.json")))
    for command in ["stats", "validate"] {
      let plain = try Sam.run(["dataset", command, "one", "--json", "a.json"], in: folder)
      #expect(plain.status == 1)
      let part = try Sam.run(["dataset", command, "one", "-o", command, "--limit", "3"], in: folder)
      #expect(part.status <= 1, "\(part.errors)")
      let journal = folder.file(command + "/results.jsonl")
      let before = try Data(contentsOf: URL(filePath: journal))
      let rest = try Sam.run(
        ["dataset", command, "one", "-o", command, "--json", "b.json", "--report", "r.html"], in: folder)
      #expect(rest.status == 1 && rest.output == plain.output && rest.messages == plain.messages)
      #expect(
        FileManager.default.contentsEqual(atPath: folder.file("a.json"), andPath: folder.file("b.json")))
      // What was there has stayed, and a finished run adds nothing.
      let after = try Data(contentsOf: URL(filePath: journal))
      #expect(after.starts(with: before) && after.count > before.count)
      let again = try Sam.run(["dataset", command, "one", "-o", command], in: folder)
      #expect(again.output == plain.output)
      #expect(try Data(contentsOf: URL(filePath: journal)) == after)
      #expect(try #require(Page(contentsOfFile: folder.file("r.html"))).count("img") > 0)
    }
    let other = try Sam.run(["dataset", "stats", "one", "-o", "validate"], in: folder)
    #expect(other.errors.contains("evaluation was dataset validate, now dataset stats"), "\(other.errors)")
  }

  @Test func aSampleIsADatasetAndFollowsFromItsSeed() throws {
    let folder = try TemporaryDirectory()
    try MadeDataset.write("one", count: 6, in: folder)
    for (name, seed) in [("a", "4"), ("b", "4"), ("c", "5")] {
      let outcome = try Sam.run(["dataset", "sample", "one", "3", "--seed", seed, "-o", name], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    func names(_ name: String) throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: folder.file(name)).sorted()
    }
    #expect(try names("a").count == 6)
    #expect(try names("a") == names("b"))
    #expect(try names("a") != names("c"))
    #expect(try Sam.run(["dataset", "validate", "a"], in: folder).status == 0)
    #expect(
      try Sam.run(["dataset", "sample", "one", "2", "--to", "coco", "-o", "d"], in: folder).status == 0)
    #expect(try Sam.run(["dataset", "validate", "d/annotations.json"], in: folder).status == 0)
    for (arguments, message, status) in [
      (["one", "3", "-o", "a"], "a: is there already; name another folder", Int32(1)),
      (["one", "7", "-o", "e"], "7: one has 6 images", 64),
      (["one", "0", "-o", "e"], "0: expected 1 image or more", 64),
      (["none", "1", "-o", "e"], "none: cannot open: No such file or directory", 1),
    ] {
      let outcome = try Sam.run(["dataset", "sample"] + arguments, in: folder)
      #expect(outcome.status == status)
      #expect(outcome.messages.first?.hasPrefix("sam: " + message) == true, "\(outcome.errors)")
    }
  }

  @Test func cardsHaveTheNumbersAndMarkWhatIsOpen() throws {
    let folder = try TemporaryDirectory()
    try MadeDataset.write("one", count: 2, masks: 2, in: folder)
    let dataset = try Sam.run(["dataset", "card", "one"], in: folder)
    #expect(dataset.status == 0, "\(dataset.errors)")
    #expect(dataset.text.hasPrefix("# Dataset card: one\n"))
    #expect(dataset.text.contains("2 images with 4 masks, 2.0 masks per image"))
    #expect(dataset.text.contains("**OPEN**") && dataset.text.contains("| one | 2 | 4 | 2.0 | 2 |"))
    let annotation = try Sam.run(
      ["dataset", "card", "one", "--kind", "annotation", "--corrected", "one"], in: folder)
    #expect(
      annotation.text.contains("Of 4 pairs before and after correction 100.0 %"), "\(annotation.errors)")
    let model = try Sam.run(
      ["dataset", "card", "one", "--kind", "model", "--limit", "1", "-o", "m.md"], in: folder)
    #expect(model.status == 0, "\(model.errors)")
    let text = try String(contentsOf: URL(filePath: folder.file("m.md")), encoding: .utf8)
    #expect(text.contains("| one | 2 |") && text.contains("Fingerprint "))
    // What sam eval points kept is taken, by the images that were drawn.
    let points = try Sam.run(["eval", "points", "one", "-o", "run"], in: folder)
    #expect(points.status == 0, "\(points.errors)")
    let journal = try Data(contentsOf: URL(filePath: folder.file("run/results.jsonl")))
    let kept = try Sam.run(
      ["dataset", "card", "one", "--kind", "model", "--results", "run", "--limit", "1", "--seed", "0"],
      in: folder)
    #expect(kept.text == text, "\(kept.errors)")
    #expect(try Data(contentsOf: URL(filePath: folder.file("run/results.jsonl"))) == journal)
    let needless = try Sam.run(["dataset", "card", "one", "--results", "run"], in: folder)
    #expect(needless.messages.first?.hasPrefix("sam: --results: for a model's card") == true)
    // Answers that someone has written are not lost.
    let again = try Sam.run(["dataset", "card", "one", "-o", "m.md"], in: folder)
    #expect(again.messages == ["sam: m.md: is there already; name another file, or --overwrite"])
  }
}
