/**
 * Checked access to a parsed JSON document: each value knows its path (`cases[2].neurons[0].taum`), and whatever
 * is not as expected is refused with that path and the line of the nearest array or object.
 */

import { UserError } from "./errors.ts";
import { type JsonValue, parseJson } from "./json-text.ts";
import { suggest } from "./suggest.ts";

export interface JsonPlace {
  readonly value: JsonValue;
  /** Empty for the whole document. */
  readonly path: string;
  /** An error that names this place. */
  fail(problem: string, hint?: string): UserError;
  /** The value of a key. @throws UserError when this is not an object or has no such key */
  field(key: string): JsonPlace;
  /** The value of a key that may be absent. */
  optionalField(key: string): JsonPlace | undefined;
  /** All entries. @throws UserError when this is not an array, or not one of `length` entries */
  items(length?: number): JsonPlace[];
  /** @throws UserError when this is not a finite number within the range */
  number(range?: NumberRange): number;
  /** @throws UserError when this is not an integer from `minimum` to `maximum` */
  integer(minimum: number, maximum: number): number;
  text(): string;
}

export interface NumberRange {
  readonly minimum?: number;
  /** Excluded. */
  readonly above?: number;
}

/** @throws UserError("input-file") when `text` is not JSON; `file` is only named in errors */
export function jsonDocument(text: string, file: string): JsonPlace {
  const json = parseJson(text, file);
  const placeOf = (value: JsonValue, path: string, container: object | undefined): JsonPlace => {
    const own = typeof value === "object" && value !== null ? value : container;
    const fail = (problem: string, hint?: string): UserError => {
      const where = own === undefined ? { file, line: 1, column: 1 } : json.locate(own);
      const message = path === "" ? problem : `${path}: ${problem}`;
      return new UserError("input-file", message, hint === undefined ? { where } : { where, hint });
    };
    const optionalField = (key: string): JsonPlace | undefined => {
      if (typeof value !== "object" || value === null || Array.isArray(value))
        throw fail(`an object is expected, found ${describe(value)}`);
      const inner = value[key];
      return inner === undefined ? undefined : placeOf(inner, path === "" ? key : `${path}.${key}`, own);
    };
    return {
      value,
      path,
      fail,
      optionalField,
      field(key) {
        const found = optionalField(key);
        if (found !== undefined) return found;
        const meant = suggest(key, Object.keys(value as object));
        throw fail(`the key "${key}" is missing`, meant === undefined ? undefined : `is "${meant}" meant?`);
      },
      items(length) {
        if (!Array.isArray(value)) throw fail(`an array is expected, found ${describe(value)}`);
        if (length !== undefined && value.length !== length)
          throw fail(`${length} entries are expected, found ${value.length}`);
        return value.map((inner, i) => placeOf(inner, `${path}[${i}]`, own));
      },
      number({ minimum, above } = {}) {
        if (typeof value !== "number" || !Number.isFinite(value))
          throw fail(`a finite number is expected, found ${describe(value)}`);
        if (minimum !== undefined && value < minimum)
          throw fail(`a number of at least ${minimum} is expected, found ${value}`);
        if (above !== undefined && value <= above)
          throw fail(`a number above ${above} is expected, found ${value}`);
        return value;
      },
      integer(minimum, maximum) {
        if (typeof value !== "number" || !Number.isInteger(value) || value < minimum || value > maximum)
          throw fail(`an integer from ${minimum} to ${maximum} is expected, found ${describe(value)}`);
        return value;
      },
      text() {
        if (typeof value !== "string") throw fail(`a text is expected, found ${describe(value)}`);
        return value;
      },
    };
  };
  return placeOf(json.value, "", undefined);
}

function describe(value: JsonValue): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value === "number" && !Number.isFinite(value)) return "a number too large for a double";
  return JSON.stringify(value);
}
