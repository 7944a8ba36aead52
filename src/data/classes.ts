/** Names of classes → labels 0 … n−1, in ascending order: by value when all names are numbers, else as text. */

import { UserError } from "../core/errors.ts";
import { listed } from "../core/suggest.ts";

/** Labels are bytes. */
export const MAX_CLASSES = 256;

export interface ClassNames {
  readonly names: readonly string[];
  /** Class of each sample. */
  readonly labels: readonly number[];
}

/** @throws UserError("input-file") when there are fewer than two classes, or more than 256 */
export function namedClasses(labels: readonly string[], file: string): ClassNames {
  const distinct = [...new Set(labels)];
  const numeric = distinct.every((label) => label !== "" && Number.isFinite(Number(label)));
  // 1 and 1.0 are the same number.
  const key = (label: string): string => (numeric ? String(Number(label)) : label);
  const first = new Map<string, string>();
  for (const label of distinct) if (!first.has(key(label))) first.set(key(label), label);
  if (first.size < 2) throw new UserError("input-file", `${file} has fewer than 2 classes`);
  if (first.size > MAX_CLASSES)
    throw new UserError("input-file", `${file} has more than ${MAX_CLASSES} classes`, {
      hint: "are these the classes of the samples?",
    });
  const keys = [...first.keys()].sort((a, b) => (numeric ? Number(a) - Number(b) : a < b ? -1 : 1));
  const order = new Map(keys.map((each, i) => [each, i]));
  return {
    names: keys.map((each) => first.get(each)!),
    labels: labels.map((label) => order.get(key(label))!),
  };
}

/**
 * The class that a name stands for among known ones: the same text, or the same number.
 * @throws UserError("input-file") for another name; `fail` places it
 */
export function knownClasses(
  names: readonly string[],
): (name: string, fail: (problem: string, hint: string) => UserError) => number {
  const number = (name: string): number => (name === "" ? Number.NaN : Number(name));
  const numeric = names.every((name) => Number.isFinite(number(name)));
  const order = new Map<string | number, number>(
    names.map((name, i) => [numeric ? number(name) : name, i] as const),
  );
  return (name, fail) => {
    const found = order.get(numeric ? number(name) : name);
    if (found !== undefined) return found;
    throw fail(`"${name}" is not a class of the data that was trained on`, `classes are: ${listed(names)}`);
  };
}
