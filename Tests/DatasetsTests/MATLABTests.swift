import Datasets
import Files
import Imaging
import TestSupport
import Testing

/// MATLAB files: what they hold, and what damage does to them.
@Suite("MATLAB files")
struct MATLABTests {
  private func element(_ type: UInt32, _ bytes: [UInt8]) -> [UInt8] { MATLABBytes.element(type, bytes) }

  private func matrix(_ kind: UInt32, _ dimensions: [UInt32], name: String = "", _ contents: [UInt8])
    -> [UInt8]
  {
    MATLABBytes.matrix(kind, dimensions, name: name, contents)
  }

  private func file(_ variables: [UInt8]...) -> [UInt8] {
    MATLABBytes.file(variables.flatMap { $0 })
  }

  private func read(_ bytes: [UInt8], name: String = "a.mat") throws -> MATLABFile {
    try bytes.withUnsafeBytes { try MATLABFile($0, name: name) }
  }

  /// Boundaries of 3 x 2 pixels by each of some annotators.
  private func boundaries(_ annotators: [[UInt8]], rows: UInt32 = 2, columns: UInt32 = 3) -> [UInt8] {
    MATLABBytes.boundaries(annotators, rows: rows, columns: columns)
  }

  @Test func numbersOfEveryWidthAreRead() throws {
    let variables = try read(
      file(
        matrix(9, [1, 3], name: "bytes", element(2, [1, 2, 255])),
        matrix(
          6, [2, 1], name: "doubles",
          element(9, [0, 0, 0, 0, 0, 0, 0xF0, 0x3F] + [UInt8](repeating: 0, count: 8))),
        matrix(10, [1, 2], name: "shorts", element(3, [0xFF, 0xFF, 2, 0])),
        matrix(4, [1, 1], name: "text", element(4, [65, 0])))
    ).variables
    func numbers(_ name: String) -> [Double]? {
      guard case .numbers(let numbers) = variables[name] else { return nil }
      return numbers.values
    }
    #expect(numbers("bytes") == [1, 2, 255])
    #expect(numbers("doubles") == [1, 0])
    #expect(numbers("shorts") == [-1, 2])
    guard case .other(4) = variables["text"] else {
      Issue.record("text is none of ours")
      return
    }
  }

  @Test func boundariesStandColumnByColumn() throws {
    let truth = try BoundaryTruth(
      read(file(boundaries([[1, 0, 0, 0, 0, 1], [0, 1, 0, 0, 0, 0]]))), name: "a.mat")
    #expect(truth.width == 3 && truth.height == 2 && truth.annotators.count == 2)
    #expect(truth.annotators[0].mask.bits == [1, 0, 0, 0, 0, 1])
    #expect(truth.annotators[1].mask.bits == [0, 0, 0, 1, 0, 0])
  }

  @Test(arguments: [
    ("no MATLAB file", Array("PK".utf8) + [UInt8](repeating: 0, count: 200), "not a MATLAB file"),
    ("version 7.3", Array("MATLAB 7.3 MAT-file".utf8) + [UInt8](repeating: 0, count: 200), "-v7"),
    ("empty", [], "not a MATLAB file"),
  ])
  func otherFilesAreRefused(_ what: String, _ bytes: [UInt8], _ message: String) {
    let error = #expect(throws: DatasetError.self) { try read(bytes) }
    #expect(error?.description.hasPrefix("a.mat: ") == true && error?.description.contains(message) == true)
  }

  @Test func whatIsNotGroundTruthIsNamed() throws {
    func problem(_ bytes: [UInt8]) -> String {
      do {
        _ = try BoundaryTruth(read(bytes), name: "a.mat")
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(problem(file()).contains("no variable groundTruth"))
    #expect(problem(file(matrix(9, [1, 1], name: "groundTruth", element(2, [1])))).contains("no list"))
    #expect(problem(file(boundaries([[1, 1]], rows: 2, columns: 3))).contains("dimensions say 6"))
    #expect(problem(file(boundaries([[]], rows: 0, columns: 0))).contains("0 x 0"))
    #expect(
      problem(file(boundaries([[1, 0, 0, 0, 0, 1]], rows: 0xFFFF_FFFF, columns: 0xFFFF_FFFF))).contains(
        "a size of"))
  }

  @Test func damagedFilesGiveAnErrorOrBoundaries() throws {
    let sound = file(boundaries([[1, 0, 0, 0, 0, 1], [0, 1, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1]]))
    var random = SplitMix64(seed: 40)
    var (read, errors) = (0, 0)
    for _ in 0..<4000 {
      let bytes = damaged(sound, &random)
      do {
        let truth = try BoundaryTruth(self.read(bytes), name: "a.mat")
        #expect(truth.annotators.allSatisfy { $0.width == truth.width && $0.height == truth.height })
        read += 1
      } catch let error as DatasetError {
        #expect(error.description.hasPrefix("a.mat: "))
        errors += 1
      }
    }
    #expect(read > 100 && errors > 1000, "\(read) read, \(errors) errors")
  }

  @Test(.enabled(if: SharedData.has("data/bsds_val/42049.mat")))
  func compressedFilesAreReadAndSurviveDamage() throws {
    let path = try SharedData.require("data/bsds_val/42049.mat")
    let truth = try BoundaryTruth(contentsOfFile: path)
    #expect(truth.width == 481 && truth.height == 321 && truth.annotators.count == 5)
    #expect(truth.annotators.map(\.area) == [3291, 3270, 3155, 3170, 3452])
    let sound = try Array(MappedFile(path: path).withBytes { [UInt8]($0) })
    var random = SplitMix64(seed: 41)
    for _ in 0..<60 {
      do {
        _ = try BoundaryTruth(read(damaged(sound, &random)), name: "a.mat")
      } catch let error as DatasetError {
        #expect(error.description.hasPrefix("a.mat: "))
      }
    }
    for count in stride(from: 0, to: sound.count, by: max(1, sound.count / 40)) {
      #expect(throws: DatasetError.self) {
        try BoundaryTruth(read(Array(sound.prefix(count))), name: "a.mat")
      }
    }
  }

  /// A copy that is cut off, or has some bytes changed to values at which sizes overflow.
  private func damaged(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    var bytes = bytes
    if random.index(below: 6) == 0 { return Array(bytes.prefix(random.index(below: bytes.count))) }
    for _ in 0...random.index(below: 3) {
      let position = random.index(below: bytes.count)
      switch random.index(below: 4) {
      case 0: bytes[position] ^= 1 << UInt8(random.index(below: 8))
      case 1: bytes[position] = UInt8(random.index(below: 256))
      case 2: for index in position..<min(position + 4, bytes.count) { bytes[index] = 0xFF }
      default: bytes.remove(at: position)
      }
    }
    return bytes
  }
}
