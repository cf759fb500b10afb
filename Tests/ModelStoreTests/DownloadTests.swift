import Files
import ModelStore
import Synchronization
import TestSupport
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// 300,000 bytes and their SHA-256, computed with another program.
private let content = (0..<300_000).map { UInt8(truncatingIfNeeded: ($0 * 7) ^ ($0 >> 8)) }
private let contentHash = "4c55c10f0ae110c0a9a87196677dca93ae66e4569d106eaa2746030a8d2cb597"

private let checkpoint = OfficialCheckpoint(
  name: "test", file: "test.pth", address: "http://127.0.0.1:9/unused", sha256: contentHash, size: "300 kB",
  licence: "CC0", summary: "not a model")

/// A folder for the store and what it should hold afterwards.
private struct Scene {
  let folder: TemporaryDirectory
  let store: ModelStore

  init(_ server: TestServer) throws {
    folder = try TemporaryDirectory()
    store = ModelStore(folder: folder.file("a/b"), mirror: server.address + "/mirror/")
  }

  var files: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: store.folder))?.sorted() ?? []
  }

  func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: store.folder + "/" + name)))
  }
}

@Suite("Downloading a checkpoint")
struct DownloadTests {
  @Test func aDownloadedFileStandsUnderItsNameAndIsNotFetchedAgain() throws {
    let server = try TestServer(.content(content))
    let scene = try Scene(server)
    #expect(scene.store.path(of: checkpoint) == nil)

    let seen = Mutex<[(Int, Int?)]>([])
    let path = try scene.store.download(checkpoint) { received, total in
      seen.withLock { $0.append((received, total)) }
    }
    #expect(path == scene.store.folder + "/test.pth")
    #expect(try scene.bytes("test.pth") == content)
    #expect(scene.files == ["test.pth"])
    #expect(seen.withLock { $0.last?.0 } == content.count)
    #expect(seen.withLock { $0.allSatisfy { $0.1 == content.count } })

    #expect(try scene.store.download(checkpoint) == path)
    #expect(server.requests == [.init(path: "/mirror/test.pth", offset: nil)])
  }

  @Test func aCutConnectionIsTakenUpWhereItBroke() throws {
    let server = try TestServer(
      .content(content, sending: 100_000), .content(content, sending: 50_000), .content(content))
    let scene = try Scene(server)
    let totals = Mutex<Set<Int?>>([])
    _ = try scene.store.download(checkpoint) { _, total in totals.withLock { _ = $0.insert(total) } }
    #expect(try scene.bytes("test.pth") == content)
    #expect(server.requests.map(\.offset) == [nil, 100_000, 150_000])
    #expect(totals.withLock { $0 } == [content.count])
  }

  @Test func whatCameIsKeptForTheNextCallWhenTheConnectionKeepsBreaking() throws {
    let server = try TestServer(
      .content(content, sending: 100_000), .content(content, sending: 0), .content(content))
    let scene = try Scene(server)
    let error = #expect(throws: ModelStoreError.self) { try scene.store.download(checkpoint) }
    guard case .interrupted(_, _, kept: 100_000) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(scene.files == ["test.pth.part"])

    _ = try scene.store.download(checkpoint)
    #expect(try scene.bytes("test.pth") == content)
    #expect(scene.files == ["test.pth"])
    #expect(server.requests.map(\.offset) == [nil, 100_000, 100_000])
  }

  @Test func aServerWithoutRangesSendsEverythingAgain() throws {
    let server = try TestServer(.content(content, sending: 100_000), .status(200, content))
    let scene = try Scene(server)
    _ = try scene.store.download(checkpoint)
    #expect(try scene.bytes("test.pth") == content)
  }

  @Test func aFileThatOnlyLacksItsNameIsCheckedAndNamed() throws {
    let server = try TestServer(.status(416))
    let scene = try Scene(server)
    try FileManager.default.createDirectory(atPath: scene.store.folder, withIntermediateDirectories: true)
    try Data(content).write(to: URL(filePath: scene.store.folder + "/test.pth.part"))
    _ = try scene.store.download(checkpoint)
    #expect(scene.files == ["test.pth"])
    #expect(server.requests.map(\.offset) == [content.count])
  }

  @Test func redirectionsAreFollowed() throws {
    let target = try TestServer(.content(content))
    let server = try TestServer(.status(302, headers: ["Location: \(target.address)/elsewhere"]))
    let scene = try Scene(server)
    _ = try scene.store.download(checkpoint)
    #expect(target.requests.map(\.path) == ["/elsewhere"])
  }

  @Test func wrongContentIsNotKept() throws {
    var changed = content
    changed[123_456] ^= 1
    let server = try TestServer(.content(changed))
    let scene = try Scene(server)
    let error = #expect(throws: ModelStoreError.self) { try scene.store.download(checkpoint) }
    guard case .wrongContent(_, _, expected: contentHash, found: _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(scene.files == [])
    #expect(scene.store.path(of: checkpoint) == nil)
  }

  @Test(arguments: [403, 404, 500, 503])
  func aRefusalNamesTheStatusAndKeepsNothingOfItsBody(status: Int) throws {
    let server = try TestServer(.status(status, Array("<html>no</html>".utf8)))
    let scene = try Scene(server)
    #expect(throws: ModelStoreError.refused(address: server.address + "/mirror/test.pth", status: status)) {
      try scene.store.download(checkpoint)
    }
    #expect(scene.files == [])
  }

  @Test(arguments: ["http://127.0.0.1:9", "http://no-such-host.invalid", "ftp://127.0.0.1", "nonsense://x"])
  func withoutAServerTheErrorNamesTheAddress(mirror: String) throws {
    let folder = try TemporaryDirectory()
    let store = ModelStore(folder: folder.path, mirror: mirror)
    let error = #expect(throws: ModelStoreError.self) { try store.download(checkpoint) }
    guard case .unreachable(address: mirror + "/test.pth", reason: _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func aSecondDownloadOfTheSameFileIsRefused() throws {
    let server = try TestServer(.content(content))
    let scene = try Scene(server)
    let second = Mutex<String?>(nil)
    _ = try scene.store.download(checkpoint) { _, _ in
      do {
        _ = try scene.store.download(checkpoint)
      } catch {
        second.withLock { $0 = $0 ?? "\(error)" }
      }
    }
    #expect(
      second.withLock { $0?.hasSuffix("test.pth.part: another process is downloading this file") } == true)
  }

  @Test func aFolderThatCannotBeMadeIsNamed() throws {
    let folder = try TemporaryDirectory()
    try Data().write(to: URL(filePath: folder.file("file")))
    let store = ModelStore(folder: folder.file("file/cache"))
    let error = #expect(throws: ModelStoreError.self) { try store.download(checkpoint) }
    #expect(error.map { "\($0)" }?.hasPrefix(folder.file("file/cache")) == true)
  }
}
