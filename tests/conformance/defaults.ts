/** Members of tables as an experiment file that says nothing about them would have them. */

import { type TProperties, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { parseTime } from "../../src/core/units.ts";

/**
 * Options of a member: those that are chosen, and the defaults of its schema for the others; times in µs.
 * @throws Error naming the options that have no default and were not chosen
 */
export function withDefaults(
  member: { readonly kind: string; readonly options: object },
  chosen: object = {},
): never {
  const options = member.options as TProperties;
  const schema = Type.Object(options);
  const filled = Value.Default(schema, { ...chosen }) as Record<string, unknown>;
  const missing = (schema.required ?? []).filter((key) => !(key in filled));
  if (missing.length > 0) {
    throw new Error(`${member.kind} has no default for ${missing.join(", ")}: choose a value in this suite`);
  }
  const values = Object.entries(filled).map(([key, value]) => [
    key,
    typeof value === "string" && "quantity" in (options[key] ?? {}) ? parseTime(value) : value,
  ]);
  return { kind: member.kind, ...Object.fromEntries(values) } as never;
}
