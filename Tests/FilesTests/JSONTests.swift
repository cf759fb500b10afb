import Testing

@testable import Files

@Suite struct JSONTests {
  @Test func documentsAreRead() throws {
    let value = try JSONValue(
      parsing: #" {"a": [1, -2.5e3, true, null], "b": {"c": "x\u00e9\ud83d\ude00\n\/"}} "#)
    #expect(value["a"] == .array([.number(1), .number(-2500), .bool(true), .null]))
    #expect(value["b"]?["c"]?.text == "xé😀\n/")
    #expect(try JSONValue(parsing: "[0,7]").integers == [0, 7])
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\":1,}", "01", "1.", ".5", "+1", "1e", "nul", "\"\\x\"", "\"\\ud800\"",
    "\"\\udc00x\"",
    "\"\u{1}\"", "\"abc", "[1] 2", "{\"a\":1,\"a\":2}", "{a:1}", "NaN", "\"\\u12g4\"", "1e999999x",
    String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000),
  ])
  func whatIsNotJSONIsAnError(text: String) {
    #expect(throws: JSONScanner.Failure.self) { _ = try JSONValue(parsing: text) }
  }
}

@Suite struct JSONSkippingTests {
  @Test(arguments: [
    "1", "-2.5e3", "\"a\\\"b\"", "true", "null", "[]", "{}", "[1, [2, {\"a\": []}], \"]\"]",
    "{\"a\": {\"b\": [1, 2]}, \"c\": \"}\"}",
  ])
  func anyValueIsPassedOver(text: String) throws {
    let rest = try Array((text + " 7").utf8).withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      try scanner.skipValue()
      return try scanner.number()
    }
    #expect(rest == 7)
  }

  @Test(arguments: [
    "", "[1", "{\"a\" 1}", "{1: 2}", "[1,]", "\"abc", "\"abc\\", "tru", "[1}", "{\"a\": 1]",
    String(repeating: "[", count: 1_000_000), String(repeating: "{\"a\":", count: 1_000_000),
  ])
  func brokenValuesAreErrors(text: String) {
    #expect(throws: JSONScanner.Failure.self) {
      try Array(text.utf8).withUnsafeBytes { bytes in
        var scanner = JSONScanner(bytes)
        try scanner.skipValue()
      }
    }
  }

  @Test func numbersAreWrittenInTheFewestDigits() {
    #expect(JSONText.array([.real(5), .real(0.1), .real(-2.5), .real(.nan)]).line == "[5, 0.1, -2.5, null]")
  }

  /// The short way to read a number gives the nearest one, as the long way does.
  @Test func numbersAreTheNearestOnes() throws {
    var state: UInt64 = 1
    for round in 0..<20_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let digits = String(state >> 8).prefix(1 + round % 18)
      let point = Int(state >> 3) % (digits.count + 1)
      let whole = digits.prefix(point).drop { $0 == "0" }
      let text =
        (round % 2 == 0 ? "-" : "") + (whole.isEmpty ? "0" : whole)
        + (point < digits.count ? "." + digits.dropFirst(point) : "") + (round % 7 == 0 ? "e-5" : "")
      #expect(try JSONValue(parsing: text) == .number(Double(text) ?? .nan), "\(text)")
    }
    #expect(try JSONValue(parsing: "-0") == .number(-0.0))
  }
}
