import Curl
import Files

/// One request for what a partial file still lacks.
final class BodyReceiver {
  /// How the request ended, and libcurl's words for a failure.
  struct Result {
    var outcome: Outcome
    var message: String
  }

  /// How a request ended.
  enum Outcome: Equatable {
    case complete
    case refused(Int)
    case interrupted
    case unreachable
    case noClient
  }

  private let part: PartialFile
  private let progress: (Int, Int?) -> Void
  private let offset: Int
  private var hasBegun = false
  /// Why the bytes could not be kept.
  private(set) var failure: FileError?

  init(part: PartialFile, progress: @escaping (Int, Int?) -> Void) {
    self.part = part
    self.progress = progress
    self.offset = part.count
  }

  /// Requests the rest and appends it as it comes.
  func get(_ address: String) -> Result {
    let context = Unmanaged.passUnretained(self).toOpaque()
    var result = sam_curl_get(
      address, Int64(offset),
      { context, status, length, bytes, count in
        guard let context, let bytes else { return 1 }
        let receiver = Unmanaged<BodyReceiver>.fromOpaque(context).takeUnretainedValue()
        return receiver.receive(
          UnsafeRawBufferPointer(start: bytes, count: count), status: status,
          length: length >= 0 ? Int(length) : nil) ? 0 : 1
      }, context)
    let message = withUnsafeBytes(of: &result.message) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    let outcome: Outcome =
      switch result.outcome {
      case SAM_CURL_OK: .complete
      case SAM_CURL_STATUS: .refused(result.status)
      case SAM_CURL_MISSING: .noClient
      case SAM_CURL_UNREACHABLE: .unreachable
      default: .interrupted
      }
    return Result(outcome: outcome, message: message)
  }

  /// Keeps one piece of the body; returns whether to go on.
  private func receive(_ bytes: UnsafeRawBufferPointer, status: Int, length: Int?) -> Bool {
    do throws(FileError) {
      if !hasBegun {
        hasBegun = true
        // 200 instead of 206: this server sends everything again.
        if offset > 0, status != 206 { try part.restart() }
      }
      try part.append(bytes)
    } catch {
      failure = error
      return false
    }
    let start = status == 206 ? offset : 0
    progress(part.count, length.map { start + $0 })
    return true
  }
}
