/**
 * Schemas of quantities that carry their unit in files: `6 us` in YAML, µs as a number in the program.
 *
 * The JSON schema says "string with a unit" (editors understand that); the static type says number. The
 * keyword `quantity` marks such a string: src/experiment checks its range and puts the number in its place.
 */

import { type TUnsafe, Type } from "@sinclair/typebox";
import { type Microseconds, TIME_PATTERN } from "./units.ts";

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
