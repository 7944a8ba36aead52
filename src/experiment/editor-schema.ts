/**
 * The schema as editors want it: plain draft-07. A file may extend another, so a map in it may be partial:
 * nothing is required, and branches are told apart by the `kind` that is there, if it is.
 */

import type { TSchema } from "@sinclair/typebox";

/** Keywords that only this program understands, and `required`. */
const DROPPED = new Set(["required", "discriminator", "quantity", "fileReference"]);

export function editorSchema(schema: TSchema, title = "eventprop experiment"): Record<string, unknown> {
  const plain: unknown = JSON.parse(JSON.stringify(schema));
  const { properties, ...rest } = relax(plain) as { properties: Record<string, unknown> };
  const file = { type: "string", minLength: 1 };
  const bases = {
    description: "Files that this one starts from, relative to it.",
    anyOf: [file, { type: "array", items: file }],
  };
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title,
    ...rest,
    properties: { extends: bases, ...properties },
  };
}

function relax(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relax);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key, inner]) => !DROPPED.has(key) || !isKeyword(key, inner));
  return Object.fromEntries(
    kept.map(([key, inner]) => [key === "oneOf" && Array.isArray(inner) ? "anyOf" : key, relax(inner)]),
  );
}

/** Tells the keyword from a property of the same name, which holds a schema. */
function isKeyword(key: string, value: unknown): boolean {
  if (key === "required") return Array.isArray(value);
  if (key === "fileReference") return value === true;
  return typeof value === "object" && value !== null && !("description" in value);
}
