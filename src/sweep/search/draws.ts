/** The points of a search: values drawn for each path, as nodes that errors can point at. */

import { power } from "../../core/power.ts";
import { stream } from "../../core/random.ts";
import type { Overlay } from "../../experiment/overrides.ts";
import {
  find,
  type ListNode,
  type MapNode,
  type Node,
  plainValue,
  valueMark,
} from "../../experiment/tree.ts";
import { DRAWN_DIGITS, type Range, type Search } from "./schema.ts";

/** An overlay with its path as it is written. */
export type NamedOverlay = Overlay & { readonly text: string };

/** Draws after which a point that was there already is given up. */
const MOST_ATTEMPTS = 100;

/**
 * A value per path for each point. A point depends on the seed, its number and the names of the paths alone: more
 * points leave the earlier ones as they are. Fewer than asked for when there are not so many different ones.
 */
export function drawPoints(root: MapNode, search: Search): NamedOverlay[][] {
  const ranges = find(root, ["search", "ranges"])?.node as MapNode;
  const points: NamedOverlay[][] = [];
  const seen = new Set<string>();
  for (let number = 0; number < search.points; number++) {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const values = [...ranges.entries].map(
        ([text, { key, node }]): NamedOverlay => ({
          text,
          path: key,
          value: drawn(node as MapNode, search.ranges[text] as Range, (size) => {
            const draws = stream(search.seed, `sweep/search/${text}`, number, attempt);
            return size === undefined ? draws.uniform() : draws.below(size);
          }),
        }),
      );
      const text = JSON.stringify(values.map(({ value }) => plainValue(value)));
      if (seen.has(text)) continue;
      seen.add(text);
      points.push(values);
      break;
    }
  }
  return points;
}

/** @param draw uniform in [0, 1), or a whole number below a size */
function drawn(node: MapNode, range: Range, draw: (size?: number) => number): Node {
  const choices = find(node, ["choices"])?.node as ListNode | undefined;
  if (choices !== undefined) return choices.items[draw(choices.items.length)]!;
  const [low, high] = range.range as [number, number];
  const value = numberIn(low, high, range.scale ?? "lin", draw);
  return {
    kind: "scalar",
    value: range.unit === undefined ? value : `${value} ${range.unit}`,
    mark: valueMark(node, ["range"]),
  };
}

function numberIn(low: number, high: number, scale: string, draw: (size?: number) => number): number {
  if (scale === "int") return low + draw(high - low + 1);
  const value = scale === "log" ? low * power(high / low, draw()) : low + (high - low) * draw();
  return Math.min(high, Math.max(low, Number(value.toPrecision(DRAWN_DIGITS))));
}
