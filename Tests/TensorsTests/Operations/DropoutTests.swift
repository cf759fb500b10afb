import Tensors
import Testing

@Suite("Dropout")
struct DropoutTests {
  @Test(
    "drops as many as it says, and lets the others count for them", arguments: [0.1, 0.5, 0.9] as [Float])
  func shares(rate: Float) {
    let x = Tensor(repeating: 2, shape: [100, 200])
    let values = x.dropout(rate, seed: 9).elements
    let dropped = Float(values.count { $0 == 0 }) / Float(values.count)
    #expect(abs(dropped - rate) < 0.02)
    #expect(values.allSatisfy { $0 == 0 || abs($0 - 2 / (1 - rate)) < 1e-4 })
  }

  @Test("follows from its seed, whatever the number of threads, and is off at 0")
  func seeds() {
    func values(_ threads: Int, _ rate: Float, seed: UInt64) -> [Float] {
      Tensor(repeating: 1, shape: [37, 401], on: Compute(threads: threads)).dropout(rate, seed: seed).elements
    }
    #expect(values(1, 0.3, seed: 4) == values(2, 0.3, seed: 4))
    #expect(values(1, 0.3, seed: 4) != values(1, 0.3, seed: 5))
    #expect(values(1, 0, seed: 4).allSatisfy { $0 == 1 })
  }
}
