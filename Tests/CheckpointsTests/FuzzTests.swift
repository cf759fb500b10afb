import Tensors
import TestSupport
import Testing

@testable import Checkpoints

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Damages bytes as transfers, disks and adversaries do: cut off, flipped, set to extremes, moved about.
func mutate(_ bytes: inout [UInt8], using random: inout SplitMix64) {
  for _ in 0..<Int.random(in: 1...4, using: &random) {
    guard !bytes.isEmpty else { return }
    let place = Int.random(in: 0..<bytes.count, using: &random)
    let length = min(Int.random(in: 1...16, using: &random), bytes.count - place)
    switch Int.random(in: 0..<7, using: &random) {
    case 0: bytes.removeSubrange(place...)
    case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 2: bytes[place] = UInt8.random(in: 0...255, using: &random)
    case 3: for index in place..<place + length { bytes[index] = [0, 0xFF, 0x7F, 0x80][place % 4] }
    case 4: bytes.removeSubrange(place..<place + length)
    case 5:
      bytes.insert(
        contentsOf: bytes[place..<place + length], at: Int.random(in: 0...bytes.count, using: &random))
    default:
      let other = Int.random(in: 0..<bytes.count, using: &random)
      bytes.swapAt(place, other)
    }
  }
}

/// The most memory this process has had, in bytes.
private func peakMemory() -> Int {
  var usage = rusage()
  #if canImport(Glibc)
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  #else
    getrusage(RUSAGE_SELF, &usage)
    return usage.ru_maxrss
  #endif
}

@Suite(.serialized) struct FuzzTests {
  @Test(arguments: [
    ["plain.pth", "types.pth", "views.pth", "wrapped.pth", "zip64.pth", "protocol5.pth", "parameters.pth"],
    [
      "plain.legacy.pth", "types.legacy.pth", "views.legacy.pth", "wrapped.legacy.pth",
      "protocol4.legacy.pth",
    ],
    ["plain.safetensors", "types.safetensors"],
  ])
  func mutatedFilesAreReadOrRefused(names: [String]) throws {
    let files = try names.map { try MappedBytes(FixtureTests.path($0)).array }
    let compute = Compute(threads: 1, keeping: 0)
    let before = peakMemory()
    var read = 0
    for seed in 0..<4000 {
      var random = SplitMix64(seed: UInt64(seed))
      var bytes = files[seed % files.count]
      mutate(&bytes, using: &random)
      let keeper = Bytes(bytes)
      let path = "folder/fuzz"
      do {
        let checkpoint = try Checkpoint(
          bytes: UnsafeRawBufferPointer(keeper.buffer), keeper: keeper, path: path, on: compute)
        // Every element must be readable.
        for tensor in checkpoint.tensors.values { _ = tensor.elements }
        read += 1
      } catch {
        #expect(error.path == path)
        #expect(error.description.hasPrefix(path), "seed \(seed)")
        #expect(!error.description.contains("\n"), "seed \(seed)")
      }
    }
    #expect(read > 0)
    #expect(peakMemory() - before < 64 << 20)
  }

  @Test(arguments: ["plain.pth", "plain.legacy.pth", "plain.safetensors", "wrapped.pth"])
  func everyTruncationIsAnError(name: String) throws {
    let bytes = try MappedBytes(FixtureTests.path(name)).array
    for count in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 3000)) {
      let keeper = Bytes(Array(bytes[..<count]))
      #expect(throws: CheckpointError.self, "\(count)") {
        _ = try Checkpoint(
          bytes: UnsafeRawBufferPointer(keeper.buffer), keeper: keeper, path: "cut", on: .shared)
      }
    }
  }
}
