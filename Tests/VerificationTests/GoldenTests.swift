import TestSupport
import Testing
import Verification

/// The whole reference data, part by part; what is too slow here runs in `make verify`.
@Suite(.serialized) struct GoldenTests {
  @Test(
    .enabled(if: SharedData.has("golden/tolerances.json")),
    arguments: ["preprocess", "model", "stages", "tinyvit", "nano", "amg", "fullsize/vit_b"])
  func thisBuildGivesTheReferenceValues(of part: String) throws {
    let folder = try SharedData.require("golden")
    let report = try Verifier(folder: folder, only: [part]).run()
    #expect(!report.checks.isEmpty)
    #expect(report.failures.map(\.line) == [])
    #expect(report.notCovered == [])
  }

  @Test func thisBuildGivesTheReferenceStatistics() throws {
    let report = try Verifier(folder: Fixtures.path("golden-small"), only: ["stats"]).run()
    #expect(report.checks.count > 450)
    #expect(report.failures.map(\.line) == [])
    // For information only: other conventions than the project's.
    #expect(
      report.notCovered == [
        "stats/masks/edt_border_ignored", "stats/masks/hull.centre_hull_area_x2",
        "stats/masks/hull.raster_hull_pixels",
      ])
  }

  @Test(.enabled(if: SharedData.has("golden/coco/rle.json")))
  func thisBuildGivesTheReferenceRunLengthsAndScores() throws {
    let report = try Verifier(folder: SharedData.require("golden"), only: ["coco"]).run()
    #expect(report.checks.count > 50)
    #expect(report.failures.map(\.line) == [])
    #expect(report.notCovered == [])
  }

  @Test(.enabled(if: SharedData.has("golden/edges/counts.json")))
  func thisBuildGivesTheReferenceEdges() throws {
    let report = try Verifier(folder: SharedData.require("golden"), only: ["edges"]).run()
    #expect(report.checks.count > 200)
    #expect(report.failures.map(\.line) == [])
    // What the randomised reference gave, and what hangs on single pixels.
    #expect(report.notCovered.allSatisfy { $0.hasPrefix("edges/scores/") })
  }

  @Test(arguments: ["preprocess", "model", "stages", "nano", "edges", "lvis"])
  func thisBuildGivesTheEssentialReferenceValues(of part: String) throws {
    let report = try Verifier(folder: Fixtures.path("golden-small"), only: [part]).run()
    #expect(!report.checks.isEmpty)
    #expect(report.failures.map(\.line) == [])
    #expect(report.notCovered == [])
  }

  /// Patches, heads, windows and candidates that no official model has.
  @Test func thisBuildGivesTheReferenceValuesOfAnUnusualModel() throws {
    let report = try Verifier(folder: Fixtures.path("golden-patch14")).run()
    #expect(report.checks.count > 150)
    #expect(report.failures.map(\.line) == [])
    #expect(report.notCovered == [])
  }

  @Test(.enabled(if: SharedData.path("golden/fullsize/vit_b.json") == nil))
  func thisBuildGivesTheReferenceValuesOfTheFullSize() throws {
    let report = try Verifier(folder: Fixtures.path("golden-small"), only: ["fullsize"]).run()
    #expect(report.checks.contains { $0.name == "image_embedding" })
    #expect(report.failures.map(\.line) == [])
  }

  @Test func theEssentialPartsAreAllOfTheFolder() throws {
    let report = try Verifier(folder: Fixtures.path("golden-small"), only: ["preprocess", "nano"]).run()
    #expect(Set(report.checks.map(\.part)) == ["preprocess", "nano"])
  }
}

extension Check {
  /// What the check found, for messages of failing tests.
  var line: String { "\(part) \(name): \(outcome)" }
}
