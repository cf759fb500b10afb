import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// An HTTP server on this machine that answers each request as the test says, one after the other.
final class TestServer: Sendable {
  /// What a request asked for.
  struct Request: Sendable, Equatable {
    var path: String
    /// The first byte asked for, where the request has a range.
    var offset: Int?
  }

  /// What the server does with one request.
  enum Answer: Sendable {
    /// A status and a body, with the whole body's length declared.
    case status(Int, [UInt8] = [], headers: [String] = [])
    /// 206 with the part of the content that was asked for, or 200 with all of it; the connection is closed after
    /// `sending` bytes of it, or at its end.
    case content([UInt8], sending: Int = .max)
  }

  /// `http://127.0.0.1:PORT`.
  let address: String
  private let listener: Int32
  private let state: Mutex<(answers: [Answer], requests: [Request])>

  /// The requests that came so far.
  var requests: [Request] { state.withLock { $0.requests } }

  /// Starts a server that gives these answers in turn, then status 500.
  init(_ answers: Answer...) throws {
    // A client that hangs up early must not end the tests, and a proxy of the machine does not know this server.
    signal(SIGPIPE, SIG_IGN)
    setenv("no_proxy", "*", 1)
    #if canImport(Darwin) || canImport(Musl)
      let stream = SOCK_STREAM
    #else
      let stream = Int32(SOCK_STREAM.rawValue)
    #endif
    let listener = socket(AF_INET, stream, 0)
    guard listener >= 0 else { throw SystemFailure(call: "socket", code: errno) }
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port = withUnsafeMutableBytes(of: &name) { bytes -> UInt16? in
      let base = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
      guard let base, bind(listener, base, length) == 0, listen(listener, 8) == 0,
        getsockname(listener, base, &length) == 0
      else { return nil }
      return UInt16(bigEndian: bytes.assumingMemoryBound(to: sockaddr_in.self)[0].sin_port)
    }
    guard let port else { throw SystemFailure(call: "bind", code: errno) }

    self.listener = listener
    address = "http://127.0.0.1:\(port)"
    state = Mutex((answers, []))
    DispatchQueue(label: "test server").async { [weak self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        self?.serve(connection)
        close(connection)
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  private func serve(_ connection: Int32) {
    var head: [UInt8] = []
    var byte: UInt8 = 0
    while !head.suffix(4).elementsEqual("\r\n\r\n".utf8), read(connection, &byte, 1) == 1 {
      head.append(byte)
    }
    let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
    guard let first = lines.first else { return }
    let range = lines.first { $0.lowercased().hasPrefix("range: bytes=") }
    let request = Request(
      path: String(first.split(separator: " ")[1]),
      offset: range.flatMap { Int($0.dropFirst("range: bytes=".count).dropLast()) })
    let answer = state.withLock { state -> Answer in
      state.requests.append(request)
      return state.answers.isEmpty ? .status(500) : state.answers.removeFirst()
    }

    switch answer {
    case .status(let code, let body, let headers):
      send("HTTP/1.1 \(code) X\r\nContent-Length: \(body.count)\r\n", to: connection)
      send((headers + ["Connection: close", "", ""]).joined(separator: "\r\n"), to: connection)
      send(body[...], to: connection)
    case .content(let content, let sending):
      let offset = request.offset ?? 0
      send(request.offset == nil ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 206 Partial Content\r\n", to: connection)
      send("Content-Length: \(content.count - offset)\r\nConnection: close\r\n\r\n", to: connection)
      send(content[offset...].prefix(sending), to: connection)
    }
  }

  private func send(_ text: String, to connection: Int32) { send(Array(text.utf8)[...], to: connection) }

  private func send(_ bytes: ArraySlice<UInt8>, to connection: Int32) {
    var rest = bytes
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { write(connection, $0.baseAddress, $0.count) }
      guard sent > 0 else { return }
      rest = rest.dropFirst(sent)
    }
  }

  struct SystemFailure: Error {
    var call: String
    var code: Int32
  }
}
