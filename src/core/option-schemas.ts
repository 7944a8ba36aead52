/** Schemas of options that JSON schema has no type for: times with their unit, one of a few words, files. */

import { type TUnsafe, Type } from "@sinclair/typebox";
import { type Microseconds, TIME_PATTERN } from "./units.ts";

// Times -----------------------------------------------------------------------------------------------------

/** Allowed range in µs; `above` and `below` exclude their value. */
export interface QuantityRange {
  readonly minimum?: Microseconds;
  readonly maximum?: Microseconds;
  readonly above?: Microseconds;
  readonly below?: Microseconds;
}

/** Value of the `quantity` keyword in a schema. */
export interface Quantity extends QuantityRange {
  readonly unit: "us";
}

export interface TimeOptions extends QuantityRange {
  readonly description?: string;
  /** With its unit: `"6 us"`. */
  readonly default?: string;
}

/** A time: `"6 us"` in the file, 6 in the program. Units: ns, us, µs, ms, s. */
export function timeSchema(options: TimeOptions = {}): TUnsafe<Microseconds> {
  const { description, default: defaultValue, ...range } = options;
  const quantity: Quantity = { unit: "us", ...range };
  return Type.Unsafe<Microseconds>({
    type: "string",
    pattern: TIME_PATTERN,
    quantity,
    ...(description === undefined ? {} : { description }),
    ...(defaultValue === undefined ? {} : { default: defaultValue }),
  });
}

// One of a few words ----------------------------------------------------------------------------------------

// Schema of an option that is one of a few words.

export function choiceSchema<const Word extends string>(
  words: readonly Word[],
  options: { readonly description: string; readonly default?: NoInfer<Word> },
): TUnsafe<Word> {
  return Type.Unsafe<Word>({ type: "string", enum: words, ...options });
}

// Files -----------------------------------------------------------------------------------------------------

// Schema of an option that names a file. The path is relative to the file that it is written in (to the
// working directory on the command line); the keyword `fileReference` lets src/experiment make it absolute, so
// that a resolved experiment works from any folder.

export function fileSchema(options: { readonly description?: string }): TUnsafe<string> {
  return Type.Unsafe<string>({ type: "string", minLength: 1, fileReference: true, ...options });
}
