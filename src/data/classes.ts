/** Names of classes → labels 0 … n−1, in ascending order: by value when all names are numbers, else as text. */

import { UserError } from "../core/errors.ts";

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
