/**
 * JSON text → value, remembering where each array and object begins, so that complaints about a file's
 * content can name a line. `JSON.parse` keeps no positions, and its messages name them only sometimes.
 *
 * Strict JSON (RFC 8259), except that duplicate keys are errors: one of them would be lost silently.
 */

import { type SourcePosition, UserError } from "./errors.ts";

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

export interface JsonText {
  readonly value: JsonValue;
  /** Where an array or object of `value` begins. */
  locate(container: object): SourcePosition;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;
const MAX_DEPTH = 200;

/**
 * Parses `text`; `file` is only named in errors.
 * @throws UserError("input-file") with line and column
 */
export function parseJson(text: string, file: string): JsonText {
  const starts = new WeakMap<object, number>();
  let next = 0;

  const position = (offset: number): SourcePosition => {
    const before = text.slice(0, offset);
    const line = before.split("\n").length;
    const lineStart = before.lastIndexOf("\n") + 1;
    const lineEnd = text.indexOf("\n", offset);
    // A matrix often stands in one line: show what is around the position, not kilobytes.
    const full = text.slice(lineStart, lineEnd < 0 ? text.length : lineEnd);
    const where = { file, line, column: offset - lineStart + 1 };
    return full.length > 160 ? where : { ...where, text: full };
  };
  const fail = (problem: string, hint?: string): never => {
    const where = position(next);
    const here = text
      .slice(next, next + 12)
      .split("\n")[0]
      ?.trim();
    const found = next >= text.length ? ", found the end of the file" : `, found ${here}`;
    const message = problem.endsWith("expected") ? problem + found : problem;
    throw new UserError("input-file", message, hint === undefined ? { where } : { where, hint });
  };
  const skipSpace = (): void => {
    SPACE.lastIndex = next;
    SPACE.exec(text);
    next = SPACE.lastIndex;
  };
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = next;
    const match = pattern.exec(text);
    if (match === null) return undefined;
    next = pattern.lastIndex;
    return match[0];
  };
  /** Finds the closing quote first: a pattern over a long string would be tried again and again. */
  const string = (): string => {
    let end = text[next] === '"' ? next + 1 : text.length;
    while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
    if (end >= text.length) return fail("a string in double quotes is expected");
    try {
      const value = JSON.parse(text.slice(next, end + 1)) as string;
      next = end + 1;
      return value;
    } catch {
      return fail("a string in double quotes is expected");
    }
  };
  const list = (close: string, item: () => void): void => {
    next++;
    skipSpace();
    if (text[next] === close) {
      next++;
      return;
    }
    for (;;) {
      item();
      skipSpace();
      if (text[next] === close) {
        next++;
        return;
      }
      if (text[next] !== ",") fail(`"," or "${close}" is expected`);
      next++;
      skipSpace();
    }
  };
  const value = (depth: number): JsonValue => {
    const start = next;
    const character = text[next];
    if (depth > MAX_DEPTH) fail(`nested deeper than ${MAX_DEPTH} levels`);
    if (character === "[") {
      const array: JsonValue[] = [];
      starts.set(array, start);
      list("]", () => array.push(value(depth + 1)));
      return array;
    }
    if (character === "{") {
      const object: { [key: string]: JsonValue } = Object.create(null);
      starts.set(object, start);
      list("}", () => {
        const keyStart = next;
        const key = string();
        if (key in object) {
          next = keyStart;
          fail(`the key "${key}" appears twice`);
        }
        skipSpace();
        if (text[next] !== ":") fail('":" is expected');
        next++;
        skipSpace();
        object[key] = value(depth + 1);
      });
      return object;
    }
    if (character === '"') return string();
    for (const [word, meaning] of [
      ["null", null],
      ["true", true],
      ["false", false],
    ] as const) {
      if (text.startsWith(word, next)) {
        next += word.length;
        return meaning;
      }
    }
    if (/^[+-]?(NaN|Infinity)/.test(text.slice(next, next + 9))) {
      return fail("a finite number is expected", "JSON has no NaN or Infinity");
    }
    const number = take(NUMBER);
    return number === undefined ? fail("a value is expected") : Number(number);
  };

  if (text.startsWith("\uFEFF")) next = 1;
  skipSpace();
  const result = value(0);
  skipSpace();
  if (next < text.length) fail("the end of the file is expected");
  return {
    value: result,
    locate(container) {
      const start = starts.get(container);
      if (start === undefined) throw new Error("not an array or object of this text");
      return position(start);
    },
  };
}
