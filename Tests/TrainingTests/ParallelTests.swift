import Datasets
import Files
import Imaging
import Statistics
import Synchronization
import Tensors
import TestSupport
import Testing

@testable import Training

@Suite("A training by several processes")
struct ParallelTests {
  @Test("makes sums of the same bits as one process, in every process", arguments: [1, 2, 3, 5])
  func sums(_ count: Int) throws {
    var random = SplitMix64(seed: 7)
    let terms = (0..<7).map { _ in
      (0..<1000).map { _ in Float(random.unit() - 0.5) * (random.unit() < 0.1 ? 1e6 : 1) }
    }
    var expected = terms[0]
    for term in terms.dropFirst() { expected = zip(expected, term).map { $0 + $1 } }
    let results = InProcessExchange.run(count) { group in
      let own = group.rank * terms.count / count..<(group.rank + 1) * terms.count / count
      var sums: [[Float]] = [0..<400, 400..<1000].map { [Float](repeating: -0.0, count: $0.count) }
      try group.fold(&sums) { index, sums in
        for term in terms[own] {
          for element in sums.indices { sums[element] += term[400 * index + element] }
        }
      }
      return sums.flatMap { $0 }
    }
    for result in results {
      #expect(try result.get().map(\.bitPattern) == expected.map(\.bitPattern))
    }
  }

  @Test(
    "divides a batch into parts that do not depend on the number of processes",
    arguments: [(1, 1), (2, 2), (3, 2), (5, 4), (8, 3), (16, 8), (7, 16), (0, 2)])
  func partitions(_ total: Int, _ shards: Int) {
    let whole = BatchPartition(total, shards: shards)
    #expect(whole.parts.flatMap { Array($0) } == Array(0..<total))
    #expect(whole.parts.count <= shards && whole.parts.allSatisfy { !$0.isEmpty })
    for count in 1...5 {
      let all = (0..<count).map { BatchPartition(total, shards: shards, rank: $0, of: count) }
      #expect(all.flatMap(\.parts) == whole.parts)
      #expect(all.flatMap { Array($0.places) } == Array(0..<total))
    }
  }

  /// Two thirds of its samples are of use: of each three one is damaged or has no masks.
  private struct Patchy: DatasetSource {
    let scenes = SyntheticScenes(count: 30, width: 64, height: 48, seed: 2)
    var name: String { "patchy" }
    var count: Int { scenes.count }
    func sample(at index: Int) throws(DatasetError) -> DatasetSample {
      guard index % 6 != 0 else { throw .noSuchSample(name: name, index: index, count: count) }
      var sample = try scenes.sample(at: index)
      if index % 6 == 3 { sample.annotations = [] }
      return sample
    }
  }

  @Test("draws the batches of one process, whatever samples are bad", arguments: [2, 3, 4])
  func loads(_ count: Int) throws {
    let settings = BatchLoader.Settings(
      batch: 5, size: 64, masksPerImage: 2, augmentation: Augmentation(), seed: 11)
    let sources = [BatchLoader.Source(Patchy(), weight: 1)]
    @Sendable func batches(_ loader: BatchLoader) throws -> [(inputs: [[Float]], end: Int)] {
      try (0..<12).map { _ in
        let batch = try loader.next()
        return (batch.samples.map(\.input.elements), batch.end)
      }
    }
    let expected = try batches(BatchLoader(sources, settings, position: 0) { _ in })
    let parts = try InProcessExchange.run(count) { group in
      try batches(
        BatchLoader(
          sources, settings, position: 0, BatchPartition(5, shards: 4, rank: group.rank, of: count), of: group
        ) { _ in })
    }.map { try $0.get() }
    for step in expected.indices {
      #expect(parts.flatMap { $0[step].inputs } == expected[step].inputs, "batch \(step)")
      #expect(parts.allSatisfy { $0[step].end == expected[step].end })
    }
  }

  private static let files = ["state.safetensors", "stage-1.safetensors", "model.safetensors"]

  @Test("comes to the same weights as one process", arguments: [2, 3])
  func trains(_ count: Int) throws {
    let folder = try TemporaryDirectory()
    // The second stage has fewer parts than there may be processes.
    let recipe = try SmallTraining.recipe(("shards: 2", "shards: 3"))
    let alone = RunFolder(folder.file("alone")), together = RunFolder(folder.file("together"))
    try Trainer(recipe, folder: alone, threads: 2).run()
    let steps = Mutex(0)
    for result in InProcessExchange.run(
      count,
      { group in
        try Trainer(recipe, folder: together, threads: 1, group: group).run(report: { event in
          if case .step = event { steps.withLock { $0 += 1 } }
        })
      })
    {
      #expect(try result.get())
    }
    for name in Self.files {
      #expect(
        try SmallTraining.bytes(alone.path + "/" + name) == SmallTraining.bytes(together.path + "/" + name),
        "\(name)")
    }
    // Told by one of them only.
    #expect(steps.withLock { $0 } == recipe.steps)
  }

  @Test("ends with an error where a process dies, and goes on from its last state", arguments: [0, 1])
  func dies(_ rank: Int) throws {
    let folder = try TemporaryDirectory()
    let recipe = try SmallTraining.recipe()
    let alone = RunFolder(folder.file("alone")), together = RunFolder(folder.file("together"))
    try Trainer(recipe, folder: alone, threads: 2).run()
    let results = InProcessExchange.run(2, dying: (rank, 37)) { group in
      try Trainer(recipe, folder: together, threads: 1, group: group).run()
    }
    for result in results {
      #expect {
        try result.get()
      } throws: { error in
        guard case .processes(.lost(rank, _)) = error as? TrainingError else { return false }
        return true
      }
    }
    #expect(together.hasState)
    try Trainer(recipe, folder: together, threads: 2).run()
    for name in Self.files {
      #expect(
        try SmallTraining.bytes(alone.path + "/" + name) == SmallTraining.bytes(together.path + "/" + name),
        "\(name)")
    }
  }

  @Test("stops where one process is asked to")
  func stops() throws {
    let folder = try TemporaryDirectory()
    let recipe = try SmallTraining.recipe()
    let run = RunFolder(folder.file("run"))
    let results = InProcessExchange.run(2) { group in
      try Trainer(recipe, folder: run, threads: 1, group: group).run(isStopped: { group.rank == 1 })
    }
    for result in results { #expect(try !result.get()) }
    #expect(run.hasState)
  }

  @Test("is refused to processes that cannot share it, or have different weights")
  func refuses() throws {
    let folder = try TemporaryDirectory()
    let recipe = try SmallTraining.recipe()
    for result in InProcessExchange.run(
      3,
      { group in
        try Trainer(recipe, folder: RunFolder(folder.file("run")), threads: 1, group: group).run()
      })
    {
      #expect {
        try result.get()
      } throws: { error in
        "\(error)" == "3 processes, but a batch has 2 parts; raise the recipe's 'shards'"
      }
    }
    let results = InProcessExchange.run(4) { group in try group.agree(on: group.rank == 2 ? 5 : 4) }
    for result in results {
      #expect(throws: ProcessGroupError.differs(rank: 2)) { try result.get() }
    }
  }

  @Test("is one process where nothing says otherwise, and is refused where the build cannot do it")
  func launches() throws {
    #expect(try launchedProcesses(environment: [:]).count == 1)
    #expect(try launchedProcesses(environment: ["OMPI_COMM_WORLD_SIZE": "1"]).count == 1)
    #if !MPI
      #expect(throws: ProcessGroupError.notBuilt(processes: 4)) {
        try launchedProcesses(environment: ["OMPI_COMM_WORLD_SIZE": "4"])
      }
    #endif
  }
}
