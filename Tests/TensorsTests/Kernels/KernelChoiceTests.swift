import Kernels
import Tensors
import Testing

@Suite("Kernels: choice")
struct KernelChoiceTests {
  @Test func theLastOfThoseAvailableIsChosen() throws {
    let best = try #require(sam_kernels())
    #expect(String(cString: best.pointee.name) == KernelTable.all.last?.testDescription)
    #expect(!KernelTable.all.isEmpty)
    #expect(Set(KernelTable.all.map(\.testDescription)).count == KernelTable.all.count)
  }

  @Test func aShortListIsNotOverrun() {
    var list = [UnsafePointer<SamKernels>?](repeating: nil, count: 4)
    let count = sam_kernels_available(&list, 1)
    #expect(count >= 1 && list[0] != nil)
    #expect(list[1...].allSatisfy { $0 == nil })
    #expect(sam_kernels_available(nil, 0) == count)
  }

  @Test func thereIsAProcessor() {
    #expect(Compute.processorCount >= 1)
  }
}
