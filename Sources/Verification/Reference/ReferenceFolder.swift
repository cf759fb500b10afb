internal import Checkpoints
internal import Files
internal import Imaging

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// A folder of reference values, or one part of it.
struct ReferenceFolder {
  let path: String

  /// The path of something in the folder.
  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// A part of the folder.
  func folder(_ name: String) -> ReferenceFolder { ReferenceFolder(path: file(name)) }

  func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }

  /// Names of the folders in here, sorted; hidden ones left out. Nil where this is no folder that can be read.
  func folders() -> [String]? {
    let names = try? FileManager.default.contentsOfDirectory(atPath: path)
    return names?.filter { !$0.hasPrefix(".") && isFolder($0) }.sorted()
  }

  /// Names of the files in here that end in one of the extensions, sorted.
  func files(_ extensions: String...) throws(VerificationError) -> [String] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      throw .missing(path: path, what: "the folder")
    }
    return names.filter { name in
      !name.hasPrefix(".") && extensions.contains { name.hasSuffix("." + $0) } && !isFolder(name)
    }.sorted()
  }

  private func isFolder(_ name: String) -> Bool {
    var isFolder = false
    return FileManager.default.fileExists(atPath: file(name), isDirectory: &isFolder) && isFolder
  }

  func json(_ name: String) throws(VerificationError) -> ReferenceValue {
    let path = file(name)
    let file: MappedFile
    do throws(FileError) { file = try MappedFile(path: path) } catch { throw .file(error) }
    do throws(JSONScanner.Failure) {
      let value = try file.withBytes { (bytes) throws(JSONScanner.Failure) in try JSONValue(parsing: bytes) }
      return ReferenceValue(value, path: path)
    } catch {
      throw .json(path: path, problem: error.problem, offset: error.offset)
    }
  }

  func tensors(_ name: String) throws(VerificationError) -> ReferenceTensors {
    do throws(CheckpointError) {
      return ReferenceTensors(try SafetensorsFile(contentsOfFile: file(name)))
    } catch {
      throw .checkpoint(error)
    }
  }

  func image(_ name: String) throws(VerificationError) -> Image {
    do throws(ImageError) { return try Image(contentsOfFile: file(name)) } catch { throw .image(error) }
  }
}
