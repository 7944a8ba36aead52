/** What a sweep file may not say, beyond what its schema knows. */

import type { Problem } from "../experiment/problem.ts";
import { find, type ListNode, type MapNode, plainValue } from "../experiment/tree.ts";
import { AS_SEEDS } from "./schema.ts";

/** Paths with a meaning of their own in a sweep. */
const RESERVED: Readonly<Record<string, string>> = {
  seed: "seeds are listed under `seeds`",
  "chip.seed": "chips are listed under `chips`",
  name: "only an entry of `list` has a name",
};

export function pathProblems(root: MapNode): Problem[] {
  const problems: Problem[] = [];
  const grid = find(root, ["grid"])?.node;
  for (const [path, { node }] of grid?.kind === "map" ? grid.entries : []) {
    const hint = RESERVED[path];
    if (hint !== undefined)
      problems.push({
        path: ["grid", path],
        at: "key",
        message: `\`${path}\` cannot be a path of the grid`,
        hint,
      });
    const seen = new Set<string>();
    (node as ListNode).items.forEach((item, i) => {
      const text = JSON.stringify(plainValue(item));
      if (seen.has(text))
        problems.push({
          path: ["grid", path, i],
          at: "value",
          message: `\`${path}\` has the value ${text} twice`,
        });
      seen.add(text);
    });
  }
  const ranges = find(root, ["search", "ranges"])?.node;
  for (const path of ranges?.kind === "map" ? ranges.entries.keys() : []) {
    const hint = RESERVED[path];
    if (hint !== undefined)
      problems.push({
        path: ["search", "ranges", path],
        at: "key",
        message: `\`${path}\` cannot be searched`,
        hint,
      });
  }
  const list = find(root, ["list"])?.node;
  (list?.kind === "list" ? list.items : []).forEach((item, i) => {
    for (const [path, { node }] of (item as MapNode).entries) {
      const hint = path === "name" ? undefined : RESERVED[path];
      if (hint !== undefined)
        problems.push({
          path: ["list", i, path],
          at: "key",
          message: `\`${path}\` cannot be set in \`list\``,
          hint,
        });
      if (path === "name" && !(node.kind === "scalar" && typeof node.value === "string" && node.value !== ""))
        problems.push({
          path: ["list", i, path],
          at: "value",
          message: "the name of a setting must be a word",
        });
    }
  });
  return problems;
}

const LARGEST_SEED = 0xffffffff;
const MOST_REPEATS = 10_000;

export function countProblems(root: MapNode): Problem[] {
  return (["seeds", "chips"] as const).flatMap((key): Problem[] => {
    const node = find(root, [key])?.node;
    if (node === undefined) return [];
    const value = plainValue(node);
    if (key === "chips" && value === AS_SEEDS) return [];
    const hint = `e.g. \`${key}: 5\` for 1 to 5, or \`${key}: [1, 4, 7]\``;
    if (!Array.isArray(value)) {
      const good = Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MOST_REPEATS;
      return good
        ? []
        : [
            {
              path: [key],
              at: "value",
              message: `\`${key}\` must be a number of ${key}, or a list of them`,
              hint,
            },
          ];
    }
    if (value.length === 0)
      return [{ path: [key], at: "value", message: `\`${key}\` is an empty list`, hint }];
    return value.flatMap((each: unknown, i): Problem[] => {
      const path = [key, i];
      if (!Number.isInteger(each) || (each as number) < 0 || (each as number) > LARGEST_SEED)
        return [{ path, at: "value", message: `a seed must be a whole number from 0 to ${LARGEST_SEED}` }];
      return value.indexOf(each) < i
        ? [{ path, at: "value", message: `${each} appears twice in \`${key}\`` }]
        : [];
    });
  });
}

export function listOf(value: number | number[] | undefined): readonly number[] | undefined {
  return typeof value === "number" ? Array.from({ length: value }, (_, i) => i + 1) : value;
}
