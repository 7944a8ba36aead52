/** Short words for what a setting changes: for labels, axes and folders. */

import type { Node } from "../experiment/tree.ts";

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
