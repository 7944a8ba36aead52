/** The combinations of values that a sweep file asks for: entries of `list` with the grid, or draws of a search. */

import type { Overlay } from "../experiment/overrides.ts";
import type { Mark } from "../experiment/source.ts";
import { find, type ListNode, type MapNode } from "../experiment/tree.ts";
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
