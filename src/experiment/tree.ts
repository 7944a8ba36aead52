/**
 * An experiment before it is validated: values with the place in the text that each came from, so that every
 * later complaint can point there, also after `extends` and `--set` have been merged in.
 */

import type { Mark } from "./source.ts";

export type Scalar = string | number | boolean | null;

export interface ScalarNode {
  readonly kind: "scalar";
  readonly value: Scalar;
  readonly mark: Mark;
}

export interface Entry {
  /** Where the key stands. */
  readonly key: Mark;
  readonly node: Node;
  /**
   * Inherited by a map whose `kind` was changed afterwards: the option may mean nothing to the new kind, and
   * is then dropped instead of being an error.
   */
  readonly inherited?: boolean;
}

export interface MapNode {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, Entry>;
  readonly mark: Mark;
}

export interface ListNode {
  readonly kind: "list";
  readonly items: readonly Node[];
  readonly mark: Mark;
}

export type Node = ScalarNode | MapNode | ListNode;

/** Keys of maps and indices of lists (numbers or numerals), from the root. */
export type Path = readonly (string | number)[];

/** `network.populations.hidden.size`, `regularizers[0].rate`. */
export function pathText(path: Path): string {
  let text = "";
  for (const part of path) {
    if (/^\d+$/.test(String(part))) text += `[${part}]`;
    else text += text === "" ? part : `.${part}`;
  }
  return text === "" ? "the experiment" : text;
}

/** JSON pointer `/network/populations/0` → its parts; numerals stay strings, which index lists as well. */
export function pointerPath(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Plain values, copied: nothing is shared between two places. Maps have no prototype. */
export function plainValue(node: Node): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(plainValue);
  const object: Record<string, unknown> = Object.create(null);
  for (const [key, entry] of node.entries) object[key] = plainValue(entry.node);
  return object;
}

/** What stands at `path`: the entry (with its key) of a map, or the node of a list item or of the root. */
export function find(root: Node, path: Path): { readonly node: Node; readonly entry?: Entry } | undefined {
  let node: Node = root;
  let entry: Entry | undefined;
  for (const part of path) {
    if (node.kind === "map") {
      entry = node.entries.get(String(part));
      if (entry === undefined) return undefined;
      node = entry.node;
    } else if (node.kind === "list") {
      const item: Node | undefined = node.items[Number(part)];
      if (item === undefined) return undefined;
      entry = undefined;
      node = item;
    } else return undefined;
  }
  return entry === undefined ? { node } : { node, entry };
}

/** Where the value at `path` was written; of its nearest ancestor when it is a default. */
export function valueMark(root: Node, path: Path): Mark {
  for (let length = path.length; length > 0; length--) {
    const found = find(root, path.slice(0, length));
    if (found === undefined) continue;
    // A default inside a map: the key that opens the map is more telling than its first entry.
    return length < path.length && found.entry !== undefined ? found.entry.key : found.node.mark;
  }
  return root.mark;
}

/** Where the key of the last part of `path` stands; the value itself for list items. */
export function keyMark(root: Node, path: Path): Mark {
  return find(root, path)?.entry?.key ?? valueMark(root, path);
}

/**
 * `above` laid over `below`: maps are merged key by key, everything else is replaced. Where `above` names
 * another `kind`, what it inherits is marked (see Entry.inherited).
 */
export function merge(below: Node, above: Node): Node {
  if (below.kind !== "map" || above.kind !== "map") return above;
  const changed = changesKind(below, above);
  const entries = new Map<string, Entry>();
  for (const [key, entry] of below.entries) {
    entries.set(key, changed && key !== "kind" ? { ...entry, inherited: true } : entry);
  }
  for (const [key, entry] of above.entries) {
    const old = entries.get(key);
    entries.set(key, old === undefined ? entry : { key: entry.key, node: merge(old.node, entry.node) });
  }
  return { kind: "map", entries, mark: above.mark };
}

/** The tree without the entry at `path`, which must lead through maps and lists that exist. */
export function without(node: Node, path: Path): Node {
  const [first, ...rest] = path;
  if (node.kind === "map") {
    const key = String(first);
    const entries = new Map(node.entries);
    const entry = entries.get(key);
    if (entry === undefined) return node;
    if (rest.length === 0) entries.delete(key);
    else entries.set(key, { ...entry, node: without(entry.node, rest) });
    return { ...node, entries };
  }
  if (node.kind === "list") {
    const index = Number(first);
    const items = node.items.flatMap((item, i) => {
      if (i !== index) return [item];
      return rest.length === 0 ? [] : [without(item, rest)];
    });
    return { ...node, items };
  }
  return node;
}

/** The tree without the entries at all `paths`, in one pass. */
export function withoutAll(node: Node, paths: readonly Path[]): Node {
  const gone = new Set(paths.map((path) => path.join("\0")));
  const rest = (inner: Node, at: string): Node => {
    const below = (key: string | number): string => (at === "" ? String(key) : `${at}\0${key}`);
    if (inner.kind === "list") return { ...inner, items: inner.items.map((item, i) => rest(item, below(i))) };
    if (inner.kind !== "map") return inner;
    const kept = [...inner.entries].filter(([key]) => !gone.has(below(key)));
    const entries = new Map(
      kept.map(([key, entry]) => [key, { ...entry, node: rest(entry.node, below(key)) }]),
    );
    return { ...inner, entries };
  };
  return rest(node, "");
}

function changesKind(below: MapNode, above: MapNode): boolean {
  const old = below.entries.get("kind")?.node;
  const chosen = above.entries.get("kind")?.node;
  return old?.kind === "scalar" && chosen?.kind === "scalar" && old.value !== chosen.value;
}
