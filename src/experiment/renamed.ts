/**
 * Keys that had another name in earlier versions. A file that still uses the old one is read as if it used the new
 * one, and a note says so. Renaming comes before anything is merged, so that old and new files can extend each other.
 *
 * The short form `init: { mean, std }` of a projection becomes `{ kind: normal, mean, std }` at the same time: the kind
 * has to be known before files are merged.
 */

import { syntaxError } from "./parse.ts";
import type { PlacedProblem } from "./problem.ts";
import { type Mark, positionOf } from "./source.ts";
import type { Entry, MapNode, Node, Path } from "./tree.ts";

/** Where the key stood, and its name now. */
const RENAMED: readonly { readonly old: Path; readonly name: string }[] = [
  { old: ["regularisers"], name: "regularizers" },
  { old: ["loss", "regularisation"], name: "regularization" },
];

const NORMAL = (mark: Mark): Node => ({ kind: "scalar", value: "normal", mark });

function isShortInit(at: Path, entries: ReadonlyMap<string, Entry>): boolean {
  const isInit = at.length === 4 && at[0] === "network" && at[1] === "projections" && at[3] === "init";
  return isInit && !entries.has("kind") && (entries.has("mean") || entries.has("std"));
}

/** The name that `key` in the map at `above` has now: itself, unless it was renamed. */
export function currentName(above: Path, key: string): string {
  const found = RENAMED.find(
    ({ old }) => old.length === above.length + 1 && old.every((part, i) => part === (above[i] ?? key)),
  );
  return found?.name ?? key;
}

export function renamedNote(old: string, name: string, mark: Mark): PlacedProblem {
  const hint = "the old name still works";
  return { message: `\`${old}\` is called \`${name}\` now`, where: positionOf(mark), hint };
}

/**
 * `node`, the value at `at`, with all old names replaced; `note` hears of each.
 * @throws UserError("experiment-syntax") when a map has both names
 */
export function withCurrentNames(node: Node, note: (found: PlacedProblem) => void, at: Path = []): Node {
  if (node.kind !== "map") return node;
  const entries = new Map<string, Entry>();
  for (const [key, entry] of node.entries) {
    const name = currentName(at, key);
    if (name !== key) {
      if (node.entries.has(name))
        throw syntaxError(
          `\`${key}\` is the old name of \`${name}\`, which is here too`,
          entry.key,
          "remove one",
        );
      note(renamedNote(key, name, entry.key));
    }
    entries.set(name, { ...entry, node: withCurrentNames(entry.node, note, [...at, name]) });
  }
  if (isShortInit(at, entries)) entries.set("kind", { key: node.mark, node: NORMAL(node.mark) });
  return { ...node, entries } satisfies MapNode;
}
