/** Cells as aligned text for a terminal, or as a Markdown table. The first row is the heading. */

export function columns(cells) {
  const widths = cells[0].map((_, c) => Math.max(...cells.map((row) => row[c].length)));
  return cells.map((row) =>
    row
      .map((cell, c) => (c === 0 || c === row.length - 1 ? cell.padEnd(widths[c]) : cell.padStart(widths[c])))
      .join("  ")
      .trimEnd(),
  );
}

export function markdown(cells) {
  const [heading, ...rows] = cells;
  const align = heading.map((_, c) => (c === 0 || c === heading.length - 1 ? "---" : "---:"));
  return [heading, align, ...rows].map((row) => `| ${row.join(" | ")} |`);
}
