/**
 * Figures as SVG text: a title, a legend, and panels made with Observable Plot. The plotting library and the
 * document it draws into are loaded at the first figure, because they take longer than a short command.
 *
 * No fonts are shipped: text is drawn with the reader's sans-serif.
 */

import type { Dot, PlotOptions } from "@observablehq/plot";

export type PlotLibrary = typeof import("@observablehq/plot");

/** Marks and scales of one panel; width, height and type size are set by the figure. */
export type PlotSpec = (plot: PlotLibrary) => PlotOptions;

export interface Panel {
  readonly title: string;
  /** Where panels stand alone: the entries of the figure's legend that it needs, by their labels; all when absent. */
  readonly entries?: readonly string[];
  readonly plot: PlotSpec;
}

export interface LegendEntry {
  readonly label: string;
  readonly color: string;
  readonly mark: "line" | "dashes" | "dot" | "ring" | "area";
}

export interface Figure {
  readonly title: string;
  /** One line under the title: conditions, counts. */
  readonly note?: string;
  readonly legend?: readonly LegendEntry[];
  readonly panels: readonly Panel[];
  /** Panels per row. */
  readonly columns: number;
  /** Size of one panel in pixels. */
  readonly panelWidth: number;
  readonly panelHeight: number;
}

const MARGIN = 16;
const PANEL_TITLE = 22;
const GAP = 14;
/** Width of a character relative to the type size, a little wide for common sans-serif faces. */
const CHARACTER = 0.56;

/** One plot as a complete SVG document. */
export async function plotToSvg(spec: PlotSpec, width = 480, height = 320): Promise<string> {
  const [plot, { parseHTML }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const element = plot.plot({ ...spec(plot), document, width, height });
  element.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  element.setAttribute("font-family", "sans-serif");
  element.setAttribute("font-size", "11");
  element.setAttribute("color", INK);
  // The library's style sheet serves HTML pages; other readers of SVG stumble over it.
  for (const sheet of element.querySelectorAll("style")) sheet.remove();
  return element.outerHTML.replaceAll("var(--plot-background)", GROUND);
}

/** All panels of a figure in one SVG document on a light ground. */
export async function figureToSvg(figure: Figure): Promise<string> {
  const { columns, panelWidth, panelHeight, panels, legend = [] } = figure;
  const panelTitle = panels.some(({ title }) => title !== "") ? PANEL_TITLE : 0;
  const across = Math.min(columns, panels.length);
  const width = 2 * MARGIN + across * panelWidth + (across - 1) * GAP;
  let y = MARGIN + 14;
  const parts = [text(MARGIN, y, figure.title, 15, INK, "bold")];
  if (figure.note !== undefined) {
    y += 18;
    parts.push(text(MARGIN, y, figure.note, 11, FAINT_INK));
  }
  if (legend.length > 0) {
    y += 20;
    const drawn = drawLegend(legend, width, y);
    parts.push(drawn.svg);
    y = drawn.y;
  }
  y += 12;
  for (const [i, panel] of panels.entries()) {
    const left = MARGIN + (i % across) * (panelWidth + GAP);
    const top = y + Math.floor(i / across) * (panelTitle + panelHeight + GAP);
    const svg = await plotToSvg(panel.plot, panelWidth, panelHeight);
    parts.push(
      text(left + 4, top + 14, panel.title, 12, INK, "bold"),
      svg.replace("<svg ", `<svg x="${left}" y="${top + panelTitle}" `),
    );
  }
  const rows = Math.ceil(panels.length / across);
  const height = y + rows * (panelTitle + panelHeight) + (rows - 1) * GAP + MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="${width}" height="${height}" fill="${GROUND}"/>`,
    ...parts,
    "</svg>\n",
  ].join("\n");
}

/** Each panel as a figure of its own with its legend, for pages that arrange them by their width. */
export function figurePanels(figure: Figure): Promise<string[]> {
  const { panels, note: _, legend = [], ...rest } = figure;
  return Promise.all(
    panels.map((panel) =>
      figureToSvg({
        ...rest,
        legend: legend.filter(({ label }) => panel.entries?.includes(label) !== false),
        title: panel.title || figure.title,
        panels: [{ ...panel, title: "" }],
        columns: 1,
      }),
    ),
  );
}

/** Entries from left to right, on as many lines as they need; `y` is the base line of the last one. */
function drawLegend(legend: readonly LegendEntry[], width: number, top: number) {
  const parts: string[] = [];
  let x = MARGIN;
  let y = top;
  for (const { label, color, mark } of legend) {
    const wide = 28 + label.length * 11 * CHARACTER + 14;
    if (x > MARGIN && x + wide > width - MARGIN) {
      x = MARGIN;
      y += 18;
    }
    parts.push(drawMark(mark, x, y - 4, color), text(x + 28, y, label, 11, INK));
    x += wide;
  }
  return { svg: parts.join("\n"), y };
}

function drawMark(mark: LegendEntry["mark"], x: number, y: number, color: string): string {
  switch (mark) {
    case "line":
    case "dashes": {
      const dashes = mark === "dashes" ? ' stroke-dasharray="4 3"' : "";
      return `<line x1="${x}" x2="${x + 22}" y1="${y}" y2="${y}" stroke="${color}" stroke-width="2"${dashes}/>`;
    }
    case "dot":
      return `<circle cx="${x + 11}" cy="${y}" r="4" fill="${color}"/>`;
    case "ring":
      return `<circle cx="${x + 11}" cy="${y}" r="4.5" fill="none" stroke="${color}" stroke-width="1.4"/>`;
    case "area":
      return `<rect x="${x + 2}" y="${y - 5}" width="18" height="10" fill="${color}" fill-opacity="0.45" stroke="${color}"/>`;
    default:
      return mark satisfies never;
  }
}

function text(x: number, y: number, content: string, size: number, color: string, weight = "normal"): string {
  const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return `<text x="${x}" y="${y}" font-family="sans-serif" font-size="${size}" font-weight="${weight}" fill="${color}">${escaped}</text>`;
}

// Colors ----------------------------------------------------------------------------------------------------

// Colors that stay apart for color-blind readers, on a light ground.
// M. Okabe, K. Ito, "Color Universal Design" (2008); its yellow is left out, too pale on white.

export const COLORS = {
  blue: "#0072b2",
  vermilion: "#d55e00",
  green: "#009e73",
  orange: "#e69f00",
  purple: "#cc79a7",
  sky: "#56b4e9",
  black: "#000000",
} as const;

/** In the order in which series take them; the series after the last begins anew. */
export const SERIES_COLORS: readonly string[] = [
  COLORS.blue,
  COLORS.vermilion,
  COLORS.green,
  COLORS.orange,
  COLORS.purple,
  COLORS.sky,
];

export function seriesColor(index: number): string {
  return SERIES_COLORS[index % SERIES_COLORS.length] as string;
}

/** From early (0, dark) to late (1, light), of even steps in lightness: colors of viridis, without its palest yellow. */
const RAMP = ["#440154", "#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#8fd744", "#c8d91f"];

export function rampColor(share: number): string {
  return RAMP[Math.round(share * (RAMP.length - 1))] as string;
}

export const INK = "#1f2328";
export const FAINT_INK = "#656d76";
export const GROUND = "#ffffff";

// Dots ------------------------------------------------------------------------------------------------------

// Very many dots as one path: a circle for each of a thousand samples makes a picture ten times as large.

/**
 * Dots of one color without outline, at the places that the scales of the plot give.
 * @param diameter in pixels
 */
export function manyDots<Point>(
  plot: PlotLibrary,
  points: readonly Point[],
  x: (point: Point) => number,
  y: (point: Point) => number,
  color: string,
  diameter: number,
): Dot {
  return plot.dot(points, {
    x,
    y,
    render: (index, _scales, { x: xs, y: ys }, _dimensions, { document }) => {
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      const at = (values: ArrayLike<number>, i: number): string =>
        (values[i] as number).toFixed(1).replace(/\.0$/, "");
      // A line of no length with round ends is a dot.
      const places = Array.from(index, (i) => `M${at(xs as number[], i)} ${at(ys as number[], i)}h0`);
      path.setAttribute("d", places.join(""));
      path.setAttribute("fill", "none");
      path.setAttribute("stroke", color);
      path.setAttribute("stroke-width", String(diameter));
      path.setAttribute("stroke-linecap", "round");
      return path as never;
    },
  });
}
