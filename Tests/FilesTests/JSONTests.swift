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
}
