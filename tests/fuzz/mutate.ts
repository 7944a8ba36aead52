/** Seeded damage to text and bytes: what editors, disks, exports and attackers do to files. */

import type { Stream } from "../../src/core/random.ts";

/** Words that parsers stumble over. */
const TOKENS = [
  "null",
  "~",
  "true",
  "NaN",
  ".inf",
  "-0",
  "1e999",
  "1e-320",
  "0x10",
  "1_000",
  "9007199254740993",
  "-1",
  "0",
  "1e308 s",
  "{",
  "}",
  "[",
  "]",
  "[[[[",
  "{{",
  ":",
  "- ",
  "? ",
  "&a ",
  "*a",
  "<<: *a",
  "!!map",
  "|",
  ">",
  "'",
  '"',
  "#",
  "%",
  "\t",
  "\r\n",
  "__proto__",
  "constructor",
  "toString",
  "kind",
  "extends: e.yaml",
  "\u0000",
  "\uFEFF",
  "\u2028",
  "é",
  "\u{1F600}",
  ",",
  ";",
  "5,5",
  "us",
  "1 us",
  "-3 us",
  '{"a":',
  "\\u12",
  "\\",
  "0.1.2",
  "x".repeat(300),
  "(".repeat(60),
  "1".repeat(400),
];

/** One to four mutations of `text`; `others` are texts to take pieces from. */
export function mutate(text: string, draws: Stream, others: readonly string[]): string {
  let result = text;
  for (let left = 1 + draws.below(4); left > 0; left--) result = once(result, draws, others);
  return result;
}

function once(text: string, draws: Stream, others: readonly string[]): string {
  const at = draws.below(text.length + 1);
  const length = 1 + draws.below(draws.below(8) === 0 ? text.length + 1 : 12);
  const lines = text.split("\n");
  const line = draws.below(lines.length);
  switch (draws.below(9)) {
    case 0:
      return text.slice(0, at) + text.slice(at + length);
    case 1:
      return text.slice(0, at);
    case 2:
      return text.slice(0, at) + TOKENS[draws.below(TOKENS.length)] + text.slice(at);
    case 3:
      return text.slice(0, at) + TOKENS[draws.below(TOKENS.length)] + text.slice(at + length);
    case 4:
      return (
        text.slice(0, at) +
        String.fromCharCode(draws.below(draws.below(2) === 0 ? 128 : 65_536)) +
        text.slice(at + 1)
      );
    case 5:
      return [...lines.slice(0, line), lines[line], ...lines.slice(line)].join("\n");
    case 6:
      return lines
        .map((each, i) => (i === line ? " ".repeat(draws.below(6)) + each.trimStart() : each))
        .join("\n");
    case 7: {
      // The value of one line under the key of another.
      const other = lines[draws.below(lines.length)] ?? "";
      const key = /^\s*[^:]*:/.exec(lines[line] ?? "")?.[0] ?? "";
      return lines
        .map((each, i) => (i === line ? key + other.slice(other.indexOf(":") + 1) : each))
        .join("\n");
    }
    default: {
      const other = others[draws.below(others.length)] ?? "";
      const from = draws.below(other.length + 1);
      return text.slice(0, at) + other.slice(from, from + length) + text.slice(at);
    }
  }
}

/** One to four flipped, lost or added pieces of `bytes`. */
export function mutateBytes(bytes: Uint8Array, draws: Stream): Uint8Array {
  let result = Buffer.from(bytes);
  for (let left = 1 + draws.below(4); left > 0; left--) {
    const at = draws.below(result.length + 1);
    const kind = draws.below(5);
    if (kind === 0) result = result.subarray(0, at);
    else if (kind === 1)
      result = Buffer.concat([result.subarray(0, at), result.subarray(at + 1 + draws.below(16))]);
    else if (kind === 2)
      result = Buffer.concat([
        result.subarray(0, at),
        Buffer.alloc(1 + draws.below(9), 255),
        result.subarray(at),
      ]);
    else if (at < result.length)
      result[at] = kind === 3 ? result[at]! ^ (1 << draws.below(8)) : draws.below(256);
  }
  return result;
}

const VALUES: readonly unknown[] = [
  ...[null, true, "", "1", {}, [], [[]], { a: 1 }, -1, 0, 1.5, 255, 256, 1e308, -1e308, 1e-320, 2 ** 53],
  ...[
    { valueOf: 1 },
    { length: 3 },
    { toString: null },
    [null],
    [{}],
    Array(300).fill({}),
    Array(512).fill(null),
  ],
];

/** One to three values of a JSON document replaced, moved or left out; `document` itself stays as it is. */
export function mutateJson(document: object, draws: Stream): object {
  const copy = structuredClone(document) as Record<string, unknown>;
  for (let left = 1 + draws.below(3); left > 0; left--) {
    // From the root downwards, so that small entries are met as often as long lists.
    let container: Record<string, unknown> = copy;
    let key = "";
    for (;;) {
      const keys = Object.keys(container);
      if (keys.length === 0) break;
      key = keys[draws.below(keys.length)]!;
      const value = container[key];
      if (value === null || typeof value !== "object" || draws.below(3) === 0) break;
      container = value as Record<string, unknown>;
    }
    if (key === "") continue;
    const kind = draws.below(4);
    if (kind === 0 && !Array.isArray(container)) delete container[key];
    else if (kind === 1) container[`${key}_`] = container[key];
    else container[key] = structuredClone(VALUES[draws.below(VALUES.length)]);
  }
  return copy;
}
