/** Very many dots as one path: a circle for each of a thousand samples makes a picture ten times as large. */

import type { Dot } from "@observablehq/plot";
import type { PlotLibrary } from "./figure.ts";

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
