/// A document that tells where data or a model come from and what they are for: answered questions, and questions that only people can
/// answer, which are marked.
///
/// The questions follow datasheets (Gebru et al. 2021), CrowdWorkSheets (Díaz et al. 2022) and model cards (Mitchell et al. 2019), as the
/// paper's appendix F does, in fewer words.
public struct Card: Sendable, Equatable {
  /// A question with what is known.
  public struct Entry: Sendable, Equatable {
    /// What is asked.
    public var question: String
    /// What can be told; nil where someone has to.
    public var answer: String?

    /// A question, answered or open.
    public init(_ question: String, _ answer: String? = nil) {
      (self.question, self.answer) = (question, answer)
    }
  }

  /// Questions on one subject.
  public struct Section: Sendable, Equatable {
    /// The subject.
    public var title: String
    /// The questions.
    public var entries: [Entry]
    /// A table below them: a heading and rows of cells.
    public var table: [[String]] = []

    /// Questions on a subject.
    public init(_ title: String, _ entries: [Entry], table: [[String]] = []) {
      (self.title, self.entries, self.table) = (title, entries, table)
    }
  }

  /// What the card is of.
  public var title: String
  /// The subjects.
  public var sections: [Section]

  /// A card of given sections.
  public init(_ title: String, _ sections: [Section]) { (self.title, self.sections) = (title, sections) }

  /// How many questions are open.
  public var openCount: Int { sections.reduce(0) { $0 + $1.entries.count { $0.answer == nil } } }

  /// What stands where an answer is missing.
  public static let openMark = "**OPEN**"

  /// The card as Markdown.
  public var markdown: String {
    var text = "# \(Self.plain(title))\n"
    if openCount > 0 {
      text +=
        "\n\(openCount) \(openCount == 1 ? "question is" : "questions are") marked \(Self.openMark): only someone who knows can answer.\n"
    }
    for section in sections {
      text += "\n## \(Self.plain(section.title))\n"
      for entry in section.entries {
        text += "\n**\(Self.plain(entry.question))** \(entry.answer.map(Self.plain) ?? Self.openMark)\n"
      }
      guard let heading = section.table.first else { continue }
      func row(_ cells: [String]) -> String {
        "| " + cells.map { Self.plain($0).replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
      }
      text += "\n" + row(heading) + "|" + heading.indices.map { $0 == 0 ? "---|" : "--:|" }.joined() + "\n"
      text += section.table.dropFirst().map(row).joined()
    }
    return text
  }

  /// Text on one line, without what Markdown would take for emphasis or markup.
  private static func plain(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "*", "`", "<", "[", "\\": result += "\\" + String(character)
      case "\n", "\r", "\r\n": result += " "
      default: result.append(character)
      }
    }
    return result
  }
}
