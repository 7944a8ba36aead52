/** The combinations of values that a sweep file asks for: entries of `list` with the grid, or draws of a search. */

import type { Overlay } from "../experiment/overrides.ts";
import type { Mark } from "../experiment/source.ts";
import { find, type ListNode, type MapNode, type Node } from "../experiment/tree.ts";
import { drawPoints, type NamedOverlay } from "./search/draws.ts";
import type { Search } from "./search/schema.ts";

/** Values laid over the base, by path. */
export interface Variant {
  readonly name: string | undefined;
  readonly own: readonly NamedOverlay[];
  readonly fromGrid: readonly NamedOverlay[];
  /** What all points of a search have, and no label names. */
  readonly unnamed: readonly Overlay[];
}

/** Every entry of `list` (or none) with every combination of the grid; the last path of the grid runs fastest. */
export function variantsOf(root: MapNode): Variant[] {
  const list = find(root, ["list"])?.node as ListNode | undefined;
  const entries: Variant[] = (list?.items ?? []).map((item) => {
    const { entries } = item as MapNode;
    const name = entries.get("name")?.node;
    return {
      name: name?.kind === "scalar" ? String(name.value) : undefined,
      own: [...entries].flatMap(([text, { key, node }]) =>
        text === "name" ? [] : [{ text, path: key, value: node }],
      ),
      fromGrid: [],
      unnamed: [],
    };
  });
  let variants: Variant[] =
    entries.length === 0 ? [{ name: undefined, own: [], fromGrid: [], unnamed: [] }] : entries;
  const grid = find(root, ["grid"])?.node as MapNode | undefined;
  for (const [text, { key, node }] of grid?.entries ?? []) {
    variants = variants.flatMap((variant) =>
      (node as ListNode).items.map((value) => ({
        ...variant,
        fromGrid: [...variant.fromGrid, { text, path: key, value }],
      })),
    );
  }
  return variants;
}

/** The points of a search. None reads the test samples: that is for the chosen ones, at the end. */
export function searchVariants(root: MapNode, search: Search): Variant[] {
  const { source } = root.mark;
  const path = "training.evaluateTest";
  const mark: Mark = { source: { ...source, name: "search", text: path }, start: 0, end: path.length };
  const unnamed: Overlay[] = [{ path: mark, value: { kind: "scalar", value: false, mark } }];
  return drawPoints(root, search).map((values) => ({ name: undefined, own: [], fromGrid: values, unnamed }));
}

// Labels ----------------------------------------------------------------------------------------------------

// Short words for what a setting changes: for labels, axes and folders.

export function joined(parts: readonly (readonly [string, string])[]): string {
  return parts.map(([name, value]) => `${name}=${value}`).join(", ");
}

/** `chip.kind` → `chip`, `optimizer.learningRate` → `learningRate`; the whole path where two would be the same. */
export function shortNames(paths: readonly string[]): ReadonlyMap<string, string> {
  const short = paths.map(
    (path) =>
      path
        .replace(/\.kind$/, "")
        .split(".")
        .at(-1) as string,
  );
  return new Map(
    paths.map((path, i) => [
      path,
      short.indexOf(short[i]!) === short.lastIndexOf(short[i]!) ? short[i]! : path,
    ]),
  );
}

/** A value in few letters: `{kind: eventprop, slopeFloor: 0.1}` → `eventprop(slopeFloor=0.1)`. */
export function valueText(node: Node): string {
  if (node.kind === "scalar") return String(node.value);
  if (node.kind === "list") return `[${node.items.map(valueText).join(" ")}]`;
  const { kind, ...others } = Object.fromEntries(
    [...node.entries].map(([key, entry]) => [key, valueText(entry.node)]),
  );
  const options = Object.entries(others).map(([key, text]) => `${key}=${text}`);
  if (kind === undefined) return `(${options.join(" ")})`;
  return options.length === 0 ? kind : `${kind}(${options.join(" ")})`;
}

const LONGEST_SLUG = 48;

export function slug(label: string): string {
  const plain = label.replaceAll(/[^A-Za-z0-9.=+-]+/g, "_").replaceAll(/^[_.]+|_+$/g, "");
  return plain.slice(0, LONGEST_SLUG) || "setting";
}
