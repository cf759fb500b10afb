/// The outermost element of every picture, with its colours.
enum ChartDocument {
  /// An SVG document of that size in pixels, at least 160 x 120.
  ///
  /// - Parameter label: what a screen reader calls it.
  static func text(
    _ label: String, width: Int, height: Int, _ body: (_ text: inout SVGText) -> Void
  ) -> String {
    let (width, height) = (max(160, width), max(120, height))
    var text = SVGText()
    text.open(
      "svg",
      [
        ("xmlns", "http://www.w3.org/2000/svg"), ("class", "line-charts"), ("role", "img"),
        ("aria-label", label), ("width", String(width)), ("height", String(height)),
        ("viewBox", "0 0 \(width) \(height)"),
      ])
    text.add("style", [], ChartStyle.sheet)
    text.add("rect", [("class", "ground"), ("width", "100%"), ("height", "100%")])
    body(&text)
    text.close("svg")
    return text.text
  }
}

/// Colours and type. What a reader's system prefers decides between light and dark.
enum ChartStyle {
  /// Colours that keep apart for people who confuse some (after Okabe and Ito), darker on light and lighter on dark.
  private static let light = ["#0072b2", "#d55e00", "#00835f", "#a8428a", "#8a6d00", "#5b5bd6"]
  private static let dark = ["#56b4e9", "#ff9447", "#2fc79a", "#e48fc6", "#e5d044", "#a9a9ff"]
  /// From little to much, growing away from the ground (after Crameri's batlow and ColorBrewer's blues).
  private static let lightRamp = [
    "#f1f4f7", "#d8e6f2", "#bcd6ea", "#9bc3e0", "#76add4", "#5394c5", "#3679b0", "#215e94", "#124475",
    "#082c53",
  ]
  private static let darkRamp = [
    "#22262b", "#1c3550", "#1d476d", "#225b8a", "#2b71a5", "#3c89bd", "#58a1d0", "#7cb9df", "#a6d1ec",
    "#d6ebf8",
  ]

  /// How many lines have a colour of their own.
  static let colorCount = light.count
  /// How many steps there are from little to much.
  static let rampCount = lightRamp.count

  static let sheet =
    """
    .line-charts{font:12px system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}
    .line-charts .line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}
    .line-charts .broken{stroke-dasharray:7 5}
    .line-charts .title{font-weight:600;font-size:14px}
    .line-charts .whisker{fill:none;stroke-width:1.4}
    .line-charts .hollow{stroke-width:1.6}
    .line-charts .faint{fill-opacity:.55}
    .line-charts .named{paint-order:stroke;stroke-width:3;stroke-linejoin:round}
    """ + "\n"
    + rules(ground: "#ffffff", ink: "#1f1f1d", quiet: "#62615c", grid: "#e4e3de", light, lightRamp)
    + "@media (prefers-color-scheme:dark){\n"
    + rules(ground: "#191918", ink: "#f1f0ec", quiet: "#a8a7a0", grid: "#363530", dark, darkRamp) + "}\n"

  private static func rules(
    ground: String, ink: String, quiet: String, grid: String, _ colors: [String], _ ramp: [String]
  ) -> String {
    let lines = colors.enumerated().map { index, color in
      ".line-charts .s\(index){stroke:\(color)}.line-charts .d\(index){fill:\(color)}\n"
    }
    let steps = ramp.enumerated().map { ".line-charts .h\($0){fill:\($1)}" }
    return """
      .line-charts .ground{fill:\(ground)}
      .line-charts .ink{fill:\(ink)}
      .line-charts .quiet{fill:\(quiet)}
      .line-charts .grid{stroke:\(grid);stroke-width:1}
      .line-charts .mark{stroke:\(quiet);stroke-width:1;stroke-dasharray:3 3;fill:none}
      .line-charts .whisker{stroke:\(ink)}
      .line-charts .named{fill:\(ink);stroke:\(ground)}
      .line-charts .hollow{fill:\(ground);stroke:\(ink)}

      """ + lines.joined() + steps.joined() + "\n"
  }
}
