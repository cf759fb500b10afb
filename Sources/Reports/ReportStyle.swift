/// How reports look. Colours have names, which a reader's preference for light or dark sets.
enum ReportStyle {
  static let sheet = """
    :root {
      color-scheme: light dark;
      --ground: #f6f5f1; --card: #ffffff; --ink: #1f1f1d; --quiet: #62615c; --line: #e0dfd8;
      --stripe: rgba(31, 31, 29, .03); --accent: #0b5d97; --tag: #8a4b00; --note: #fff6df; --note-line: #e0b84c;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --ground: #121211; --card: #191918; --ink: #f1f0ec; --quiet: #a8a7a0; --line: #363530;
        --stripe: rgba(255, 255, 255, .035); --accent: #7cc0f0; --tag: #f0b866; --note: #2b2514; --note-line: #97772a;
      }
    }
    * { box-sizing: border-box; }
    body {
      margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 1200px; background: var(--ground); color: var(--ink);
      font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif;
    }
    h1 { margin: 0 0 .4rem; font-size: 2rem; line-height: 1.2; letter-spacing: -.01em; }
    h2 { margin: 0 0 .9rem; font-size: 1.25rem; line-height: 1.3; }
    p { margin: 0 0 1rem; max-width: 76ch; }
    a { color: var(--accent); }
    a:focus-visible, summary:focus-visible, .table:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
    code { font: .88em/1.5 ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
    header { margin-bottom: 1.75rem; }
    .summary { font-size: 1.1rem; color: var(--quiet); }
    .origin { display: grid; gap: .15rem; margin: 0 0 1rem; font-size: .92rem; }
    .origin div { display: flex; gap: .75rem; }
    .origin dt { flex: 0 0 5.5rem; color: var(--quiet); }
    .origin dd { margin: 0; min-width: 0; }
    nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; font-size: .95rem; }
    section, footer {
      margin: 0 0 1.5rem; padding: 1.5rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px;
    }
    section > :last-child, footer > :last-child { margin-bottom: 0; }
    .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 1rem; margin: 0 0 1.25rem; }
    .figures div { padding: .25rem 0 .25rem .9rem; border-left: 3px solid var(--accent); }
    .figures dt { color: var(--quiet); font-size: .85rem; }
    .figures dd { margin: 0; }
    .figures .value { font-size: 1.75rem; font-weight: 600; line-height: 1.25; font-variant-numeric: tabular-nums; }
    .figures .detail { color: var(--quiet); font-size: .85rem; }
    /* A table that is wider than its frame has a shade where it goes on. */
    .table {
      overflow-x: auto; margin: 0 0 1.25rem;
      background:
        linear-gradient(var(--card), var(--card)) left / 28px 100% no-repeat local,
        linear-gradient(var(--card), var(--card)) right / 28px 100% no-repeat local,
        linear-gradient(to right, var(--line), transparent) left / 14px 100% no-repeat scroll,
        linear-gradient(to left, var(--line), transparent) right / 14px 100% no-repeat scroll;
    }
    table { border-collapse: collapse; min-width: 50%; font-size: .92rem; font-variant-numeric: tabular-nums; }
    caption { padding: 0 0 .5rem; text-align: left; color: var(--quiet); }
    th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
    thead th { color: var(--quiet); font-weight: 600; white-space: nowrap; border-bottom-width: 2px; }
    tbody th { font-weight: 500; }
    tbody tr:nth-child(even) { background: var(--stripe); }
    .number { text-align: right; white-space: nowrap; }
    .total th, .total td { font-weight: 600; border-top: 2px solid var(--line); }
    figure { margin: 0 0 1.25rem; min-width: 0; }
    .chart svg { display: block; max-width: 100%; height: auto; }
    details { font-size: .92rem; }
    summary { cursor: pointer; color: var(--accent); padding: .25rem 0; width: fit-content; }
    details .table { max-height: 26rem; overflow: auto; margin-top: .5rem; }
    .grid { display: grid; gap: 1.25rem; margin: 0 0 1.25rem; }
    .charts { grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr)); }
    .pictures { grid-template-columns: repeat(auto-fill, minmax(min(420px, 100%), 1fr)); align-items: start; }
    .grid figure { margin: 0; }
    .pictures img { display: block; width: 100%; height: auto; border-radius: 6px; background: var(--stripe); }
    figcaption { padding-top: .4rem; color: var(--quiet); font-size: .85rem; overflow-wrap: anywhere; }
    .published { margin: 0 0 1.25rem; padding: 1rem 1.25rem; border: 1px dashed var(--line); border-radius: 8px; }
    .published .table { margin-bottom: .5rem; }
    .tag {
      margin: 0 0 .5rem; color: var(--tag); font-size: .75rem; font-weight: 600; letter-spacing: .08em; text-transform: uppercase;
    }
    .source { margin: 0; color: var(--quiet); font-size: .85rem; }
    .note { padding: .6rem .9rem; background: var(--note); border-left: 3px solid var(--note-line); border-radius: 4px; }
    .settings { display: grid; grid-template-columns: repeat(auto-fit, minmax(280px, 1fr)); gap: .25rem 2rem; margin: 0; font-size: .92rem; }
    .settings div { display: flex; justify-content: space-between; gap: 1rem; border-bottom: 1px solid var(--line); padding: .2rem 0; }
    .settings dt { color: var(--quiet); }
    .settings dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
    footer ul { margin: 0 0 1rem; padding-left: 1.2rem; }
    @media print {
      body { max-width: none; padding: 0; background: none; }
      section, footer { break-inside: avoid; border: none; padding: 1rem 0; }
      details { display: none; }
    }

    """
}
