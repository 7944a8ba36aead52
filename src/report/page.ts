/**
 * A report as one HTML file: no script, no request, readable without colors, light and dark, and on paper. All text
 * that comes from files is escaped; the content policy forbids everything but the style in the page itself.
 */

import { figurePanels } from "../figures/figure.ts";
import type { NamedFigure } from "./figures.ts";

export interface Section {
  readonly id: string;
  readonly title: string;
  /** HTML. */
  readonly body: string;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** Pictures are not made smaller than this. */
const LEAST_SCALE = 0.75;
/** Pixels that a telephone has for a picture. */
const NARROWEST = 330;

/** The panels of a figure side by side where the page is wide enough. */
export async function figureHtml({ name, figure }: NamedFigure): Promise<string> {
  const panels = await figurePanels(figure);
  const drawn = panels.map((svg, i) => {
    const title = `${figure.title}${panels.length === 1 ? "" : `: ${figure.panels[i]!.title}`}`;
    // On a narrow screen a wide picture scrolls, so that its text stays readable.
    const least = Math.round(LEAST_SCALE * Number(/^<svg [^>]*width="([\d.]+)"/.exec(svg)?.[1] ?? 0));
    const label = `role="img" aria-label="${escapeHtml(title)}" style="min-width:${least}px"`;
    // What scrolls has to be reached with the keyboard.
    const focus = least > NARROWEST ? ' tabindex="0"' : "";
    return `<div class="panel"${focus}>${svg.replace("<svg ", `<svg ${label} `).trim()}</div>`;
  });
  const caption = [figure.title, figure.note ?? ""].filter((part) => part !== "").join(": ");
  return `<figure id="figure-${escapeHtml(name)}"><figcaption>${escapeHtml(caption)}</figcaption>
<div class="panels${figure.columns === 1 ? " stacked" : ""}">${drawn.join("\n")}</div></figure>`;
}

/** Cells are text; columns in `right` hold numbers. */
export function tableHtml(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const cell = (tag: "th" | "td", text: string, i: number): string =>
    `<${tag}${right.includes(i) ? ' class="number"' : ""}${tag === "th" ? ' scope="col"' : ""}>${escapeHtml(text)}</${tag}>`;
  const line = (tag: "th" | "td", cells: readonly string[]): string =>
    `<tr>${cells.map((text, i) => cell(tag, text, i)).join("")}</tr>`;
  return `<div class="scroll" tabindex="0" role="region" aria-label="table"><table><thead>${line("th", header)}</thead>
<tbody>${rows.map((row) => line("td", row)).join("\n")}</tbody></table></div>`;
}

/** Names with their values. */
export function factsHtml(facts: readonly (readonly [string, string])[]): string {
  const lines = facts.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`);
  return `<dl>${lines.join("\n")}</dl>`;
}

export function listHtml(sentences: readonly string[]): string {
  return `<ul>${sentences.map((sentence) => `<li>${escapeHtml(sentence)}</li>`).join("\n")}</ul>`;
}

export function preformatted(text: string): string {
  return `<pre class="scroll" tabindex="0">${escapeHtml(text)}</pre>`;
}

export function pageHtml(title: string, lead: string, sections: readonly Section[]): string {
  const links = sections.map(({ id, title: name }) => `<a href="#${escapeHtml(id)}">${escapeHtml(name)}</a>`);
  const bodies = sections.map(
    ({ id, title: name, body }) =>
      `<section id="${escapeHtml(id)}" aria-labelledby="${escapeHtml(id)}-title"><h2 id="${escapeHtml(id)}-title">${escapeHtml(name)}</h2>\n${body}\n</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(lead)}</p>
<nav aria-label="sections">${links.join("\n")}</nav></header>
<main>
${bodies.join("\n")}
</main>
</body>
</html>
`;
}

const STYLE = `
:root { --ground: #ffffff; --ink: #1f2328; --faint: #59636e; --line: #d1d9e0; --link: #0550ae; --raised: #f6f8fa; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #0d1117; --ink: #e6edf3; --faint: #9198a1; --line: #3d444d; --link: #79c0ff; --raised: #151b23; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1080px; padding: 1.5rem 1rem 4rem; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; margin: 0; } h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid var(--line); }
p, figcaption { color: var(--faint); margin: .3rem 0; }
a { color: var(--link); } nav a { margin-right: 1rem; }
a:focus-visible, .scroll:focus-visible, .panel:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; margin: 0; }
dt { color: var(--faint); } dd { margin: 0; }
@media (max-width: 480px) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; } }
.scroll { overflow-x: auto; max-width: 100%; } figure + .scroll { margin-top: .8rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; white-space: nowrap; }
th, td { padding: .25rem .7rem; border-bottom: 1px solid var(--line); text-align: left; } .number { text-align: right; }
pre { background: var(--raised); border: 1px solid var(--line); border-radius: 6px; padding: .8rem; font-size: 13px; margin: 0; }
.figures { display: flex; flex-wrap: wrap; gap: 0 16px; align-items: flex-start; }
figure { margin: 1rem 0 0; max-width: 100%; } figcaption { width: 0; min-width: 100%; } .panels { display: flex; flex-wrap: wrap; gap: 12px; } .stacked { flex-direction: column; align-items: flex-start; }
.panel { background: #ffffff; border: 1px solid var(--line); border-radius: 6px; max-width: 100%; overflow-x: auto; }
.panel svg { display: block; max-width: 100%; height: auto; border-radius: 6px; }
@media print {
  :root { --ground: #ffffff; --ink: #000000; --faint: #444444; --line: #bbbbbb; --raised: #ffffff; }
  nav { display: none; } figure, .panel { break-inside: avoid; } h2 { break-after: avoid; }
  pre { white-space: pre-wrap; } .scroll, .panel { overflow: visible; }
}
`;
