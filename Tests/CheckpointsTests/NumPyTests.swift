import TestSupport
import Testing

@testable import Checkpoints

@Suite struct NumPyTests {
  static let sevenths: [Float] = (0..<12).map { Float($0) / 7 }
  static let arrays: [(file: String, shape: [Int], scalar: Scalar, values: [Float])] = [
    ("c.npy", [3, 4], .float32, sevenths),
    ("f.npy", [3, 4], .float64, sevenths),
    ("u8.npy", [1, 2, 3], .uint8, [0, 1, 2, 3, 4, 5]),
    ("bool.npy", [2, 2], .bool, [1, 0, 0, 1]),
    ("v2.npy", [4], .float32, [0, 1, 2, 3]),
  ]

  @Test(arguments: arrays)
  func arraysThatNumPyWroteAreRead(file: String, shape: [Int], scalar: Scalar, values: [Float]) throws {
    let array = try NumPyFile(contentsOfFile: FixtureTests.path(file))
    #expect(array.shape == shape)
    #expect(array.scalar == scalar)
    #expect(array.values == values)
  }

  @Test func writtenBytesAreNumPysOwn() throws {
    let reference = try MappedBytes(FixtureTests.path("c.npy")).array
    #expect(NumPyFile.bytes(of: Self.sevenths, shape: [3, 4]) == reference)
  }

  @Test(arguments: [[], [3], [1, 3], [0], [3, 1, 1]])
  func whatIsWrittenIsReadBack(shape: [Int]) throws {
    let folder = try TemporaryDirectory()
    let values = (0..<shape.reduce(1, *)).map { Float($0) - 1.5 }
    try NumPyFile.write(values, shape: shape, to: folder.file("a.npy"))
    let array = try NumPyFile(contentsOfFile: folder.file("a.npy"))
    #expect(array.shape == shape)
    #expect(array.values == values)
  }

  @Test(arguments: [
    ("big.npy", "elements of type >f4 are not supported"),
    ("object.npy", "elements of type |O are not supported"),
    ("plain.pth", "not a .npy file"), ("absent.npy", "No such file"),
  ])
  func otherFilesAreNamedInTheError(file: String, problem: String) throws {
    let error = try #require(throws: NumPyError.self) {
      _ = try NumPyFile(contentsOfFile: FixtureTests.path(file))
    }
    #expect(error.description.hasPrefix(FixtureTests.path(file)))
    #expect(error.description.contains(problem), "\(error)")
  }

  @Test func mutatedFilesAreReadOrRefused() throws {
    let files = try ["c.npy", "f.npy", "u8.npy", "bool.npy", "v2.npy"].map {
      try MappedBytes(FixtureTests.path($0)).array
    }
    for seed in 0..<2000 {
      var random = SplitMix64(seed: UInt64(seed))
      var bytes = files[seed % files.count]
      mutate(&bytes, using: &random)
      let keeper = Bytes(bytes)
      do {
        _ = try NumPyFile(bytes: UnsafeRawBufferPointer(keeper.buffer), name: "fuzz")
      } catch {
        #expect(error.path == "fuzz")
      }
    }
  }
}
