internal import Charts
internal import Files

extension Report {
  /// The page: HTML that is also well-formed XML.
  public var html: String {
    var page = HTMLText()
    page.raw("<!DOCTYPE html>\n")
    page.open("html", [("lang", "en")])
    page.open("head")
    page.void("meta", [("charset", "utf-8")])
    page.void("meta", [("name", "viewport"), ("content", "width=device-width, initial-scale=1")])
    page.void("meta", [("name", "color-scheme"), ("content", "light dark")])
    page.void("meta", [("name", "generator"), ("content", "sam")])
    page.add("title", title)
    page.open("style")
    page.raw(ReportStyle.sheet)
    page.close("style")
    page.close("head")
    page.open("body")
    writeHeader(&page)
    page.open("main")
    for (number, section) in sections.enumerated() { write(section, number, &page) }
    page.close("main")
    writeFooter(&page)
    page.close("body")
    page.close("html")
    return page.text
  }

  private func writeHeader(_ page: inout HTMLText) {
    page.open("header")
    page.add("h1", title)
    if !summary.isEmpty { page.add("p", summary, [("class", "summary")]) }
    page.open("dl", [("class", "origin")])
    func fact(_ name: String, _ value: String, code: Bool = false) {
      page.open("div")
      page.add("dt", name)
      page.open("dd")
      page.add(code ? "code" : "span", value)
      page.close("dd")
      page.close("div")
    }
    if let model = provenance.model { fact("Model", model) }
    if !provenance.date.isEmpty { fact("Date", provenance.date) }
    fact("Command", provenance.command, code: true)
    page.close("dl")
    if sections.count > 2 {
      page.open("nav", [("aria-label", "Sections")])
      for (number, section) in sections.enumerated() {
        page.add("a", section.title, [("href", "#part-\(number + 1)")])
      }
      page.close("nav")
    }
    page.close("header")
  }

  private func writeFooter(_ page: inout HTMLText) {
    guard !provenance.settings.isEmpty || !provenance.notes.isEmpty else { return }
    page.open("footer")
    page.add("h2", "How this was measured")
    if !provenance.notes.isEmpty {
      page.open("ul")
      for note in provenance.notes { page.add("li", note) }
      page.close("ul")
    }
    if !provenance.settings.isEmpty {
      page.open("dl", [("class", "settings")])
      for setting in provenance.settings {
        page.open("div")
        page.add("dt", setting.name)
        page.add("dd", setting.value)
        page.close("div")
      }
      page.close("dl")
    }
    page.close("footer")
  }

  private func write(_ section: Section, _ number: Int, _ page: inout HTMLText) {
    let name = "part-\(number + 1)"
    page.open("section", [("id", name), ("aria-labelledby", name + "-title")])
    page.add("h2", section.title, [("id", name + "-title")])
    for block in section.blocks { write(block, &page) }
    page.close("section")
  }

  private func write(_ block: Block, _ page: inout HTMLText) {
    switch block {
    case .text(let text): page.add("p", text)
    case .note(let text): page.add("p", text, [("class", "note")])
    case .figures(let figures): write(figures, &page)
    case .table(let table): write(table, &page)
    case .chart(let chart): write(chart, width: 1080, &page)
    case .charts(let charts):
      page.open("div", [("class", "grid charts")])
      for chart in charts { write(chart, width: 530, &page) }
      page.close("div")
    case .pictures(let pictures): write(pictures, &page)
    case .published(let table, let source):
      page.open("aside", [("class", "published")])
      page.add("p", "Published", [("class", "tag")])
      write(table, &page)
      page.add("p", source, [("class", "source")])
      page.close("aside")
    }
  }

  private func write(_ figures: [KeyFigure], _ page: inout HTMLText) {
    page.open("dl", [("class", "figures")])
    for figure in figures {
      page.open("div")
      page.add("dt", figure.label)
      page.add("dd", figure.value, [("class", "value")])
      if !figure.detail.isEmpty { page.add("dd", figure.detail, [("class", "detail")]) }
      page.close("div")
    }
    page.close("dl")
  }

  private func write(_ chart: any Chart, width: Int, _ page: inout HTMLText) {
    page.open("figure", [("class", "chart")])
    page.raw(chart.svg(width: width, height: chart.naturalHeight))
    page.open("details")
    page.add("summary", "Numbers")
    let table = chart.table
    write(ReportTable(chart.title, columns: table.columns, rows: table.rows), &page)
    page.close("details")
    page.close("figure")
  }

  private func write(_ pictures: [ReportPicture], _ page: inout HTMLText) {
    page.open("div", [("class", "grid pictures")])
    for picture in pictures {
      page.open("figure")
      page.void(
        "img",
        [
          ("src", picture.dataURI), ("alt", picture.description), ("width", "\(picture.width)"),
          ("height", "\(picture.height)"), ("loading", "lazy"),
        ])
      page.add("figcaption", picture.caption)
      page.close("figure")
    }
    page.close("div")
  }

  private func write(_ table: ReportTable, _ page: inout HTMLText) {
    // A wide table is moved within its frame, by keyboard, too.
    page.open(
      "div", [("class", "table"), ("tabindex", "0"), ("role", "region"), ("aria-label", table.caption)])
    page.open("table")
    if !table.caption.isEmpty { page.add("caption", table.caption) }
    func kind(_ column: Int) -> [HTMLText.Attribute] {
      column == 0 || table.wordColumns.contains(column) ? [] : [("class", "number")]
    }
    page.open("thead")
    page.open("tr")
    for (column, title) in table.columns.enumerated() {
      page.add("th", title, [("scope", "col")] + kind(column))
    }
    page.close("tr")
    page.close("thead")
    page.open("tbody")
    for (index, row) in table.rows.enumerated() {
      let isTotal = table.lastRowIsTotal && index == table.rows.count - 1
      page.open("tr", isTotal ? [("class", "total")] : [])
      for column in table.columns.indices {
        let cell = row.indices.contains(column) ? row[column] : ""
        if column == 0 {
          page.add("th", cell, [("scope", "row")])
        } else {
          page.add("td", cell, kind(column))
        }
      }
      page.close("tr")
    }
    page.close("tbody")
    page.close("table")
    page.close("div")
  }
}

/// HTML elements, written one after the other.
struct HTMLText {
  typealias Attribute = (name: String, value: String)

  private(set) var text = ""

  mutating func open(_ element: String, _ attributes: [Attribute] = []) {
    text += Self.tag(element, attributes) + ">\n"
  }

  mutating func close(_ element: String) { text += "</\(element)>\n" }

  /// An element that holds text only.
  mutating func add(_ element: String, _ content: String, _ attributes: [Attribute] = []) {
    text += Self.tag(element, attributes) + ">" + Markup.escaped(content) + "</\(element)>\n"
  }

  /// An element that never holds anything.
  mutating func void(_ element: String, _ attributes: [Attribute] = []) {
    text += Self.tag(element, attributes) + " />\n"
  }

  /// What is markup already.
  mutating func raw(_ markup: String) { text += markup }

  private static func tag(_ element: String, _ attributes: [Attribute]) -> String {
    "<" + element + attributes.map { " \($0.name)=\"\(Markup.escaped($0.value))\"" }.joined()
  }
}
