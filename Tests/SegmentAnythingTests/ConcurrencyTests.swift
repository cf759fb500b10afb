import Imaging
import SegmentAnything
import Tensors
import Testing

@Suite("Several tasks")
struct ConcurrencyTests {
  @Test func manyMayPromptOneEmbedding() async throws {
    let sam = try Photos.sam.get()
    let embedding = try Photos.coffee.get()
    let expected = try (0..<8).map { index in
      try sam.predict([.point(Float(40 + 60 * index), 200)], in: embedding, multimask: true)[0].masks
    }
    try await withThrowingTaskGroup(of: (Int, [Mask]).self) { group in
      for index in 0..<32 {
        group.addTask {
          let prompt = Prompt.point(Float(40 + 60 * (index % 8)), 200)
          return (index % 8, try sam.predict([prompt], in: embedding, multimask: true)[0].masks)
        }
      }
      for try await (index, masks) in group { #expect(masks == expected[index]) }
    }
  }

  @Test func aCancelledTaskStopsEncoding() async throws {
    let sam = try Photos.sam.get()
    let image = try Photos.image("coffee")
    let task = Task { () -> Result<ImageEmbedding, SAMError> in
      while !Task.isCancelled { await Task.yield() }
      return Result { () throws(SAMError) in try sam.embed(image) }
    }
    task.cancel()
    let result = await task.value
    #expect(throws: SAMError.cancelled) { try result.get() }
  }

  @Test(arguments: [1, 2, 3, 5]) func theNumberOfThreadsDoesNotChangeTheMasks(_ threads: Int) throws {
    let sam = try SAM.embedded(compute: Compute(threads: threads))
    let embedding = try sam.embed(Photos.image("coffee"))
    let expected = try Photos.coffee.get().embedding.elements
    #expect(embedding.embedding.elements == expected)
    let mine = try sam.predict([.point(300, 180), .point(10, 10)], in: embedding, multimask: true)
    let shared = try Photos.sam.get().predict(
      [.point(300, 180), .point(10, 10)], in: Photos.coffee.get(), multimask: true)
    #expect(mine.map(\.masks) == shared.map(\.masks))
  }
}
