import ModelStore
import Testing

@Suite("Where checkpoints are kept")
struct ModelStoreTests {
  @Test(arguments: [
    (["SAM_CACHE": "/models", "XDG_CACHE_HOME": "/cache", "HOME": "/home/a"], "/models"),
    (["SAM_CACHE": "", "HOME": "/home/a"], ModelStoreTests.underHome),
    (["HOME": "/home/a"], ModelStoreTests.underHome),
  ])
  func theEnvironmentNamesTheFolder(environment: [String: String], folder: String) throws {
    #expect(try ModelStore(environment: environment).folder == folder)
  }

  #if os(macOS)
    static let underHome = "/home/a/Library/Caches/segment-anything"
  #else
    static let underHome = "/home/a/.cache/segment-anything"

    @Test func theCacheFolderOfTheDesktopIsHonoured() throws {
      let environment = ["XDG_CACHE_HOME": "/cache", "HOME": "/home/a"]
      #expect(try ModelStore(environment: environment).folder == "/cache/segment-anything")
    }
  #endif

  @Test func anEmptyEnvironmentIsAnError() {
    #expect(throws: ModelStoreError.noFolder) { try ModelStore(environment: [:]) }
  }

  @Test func namesThatAreUnknownOrNotDownloadedAreTold() {
    let store = ModelStore(folder: "/nowhere")
    #expect(throws: ModelStoreError.unknownName("vit_x")) { try store.path(named: "vit_x") }
    #expect(throws: ModelStoreError.notDownloaded(name: "vit_b", folder: "/nowhere")) {
      try store.path(named: "vit_b")
    }
  }

  @Test func aMirrorReplacesThePublishersAddress() throws {
    let checkpoint = try #require(OfficialCheckpoint.named("vit_b"))
    for mirror in ["https://models.example", "https://models.example/"] {
      #expect(
        ModelStore(folder: "/", mirror: mirror).address(of: checkpoint)
          == "https://models.example/sam_vit_b_01ec64.pth")
    }
    #expect(ModelStore(folder: "/").address(of: checkpoint) == checkpoint.address)
  }

  @Test(arguments: OfficialCheckpoint.all)
  func thePublishedListIsWellFormed(checkpoint: OfficialCheckpoint) {
    #expect(checkpoint.sha256.count == 64)
    #expect(checkpoint.sha256.allSatisfy { $0.isHexDigit && !$0.isUppercase })
    #expect(checkpoint.address.hasPrefix("https://") && checkpoint.address.hasSuffix("/" + checkpoint.file))
    #expect(OfficialCheckpoint.all.count { $0.name == checkpoint.name } == 1)
  }
}
