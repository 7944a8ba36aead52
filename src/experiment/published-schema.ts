/** What the schema is published as: a JSON schema for editors and the key tables of docs/experiment.md. */

import type { TSchema } from "@sinclair/typebox";
import type { QuantityRange } from "../core/option-schemas.ts";
import { formatTime } from "../core/units.ts";
import { experimentSchema } from "./schema.ts";
import { TABLES } from "./tables.ts";

/** The file schema/experiment.schema.json. */
export function schemaText(): string {
  return `${JSON.stringify(editorSchema(experimentSchema(TABLES)), null, 2)}\n`;
}

const START = "<!-- keys: written by `npm run schema` -->";
const END = "<!-- end of keys -->";

/** `document` with the tables between its two markers replaced. */
export function withKeyTables(document: string): string {
  const start = document.indexOf(START);
  const end = document.indexOf(END);
  if (start < 0 || end < start) throw new Error(`the document has no ${START} … ${END}`);
  return `${document.slice(0, start + START.length)}\n\n${keyReference()}\n${document.slice(end)}`;
}

// The schema for editors ------------------------------------------------------------------------------------

// The schema as editors want it: plain draft-07. A file may extend another, so a map in it may be partial:
// nothing is required, and branches are told apart by the `kind` that is there, if it is.

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

// The key tables --------------------------------------------------------------------------------------------

// The schema as a reference for people: Markdown tables of every key with its default and meaning.

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly quantity?: QuantityRange;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** Sections of Markdown, one per map of the file. */
export function keyReference(): string {
  const schema: TSchema = experimentSchema(TABLES);
  const lines: string[] = [];
  writeMap("", schema as Schema, lines);
  return `${lines.join("\n")}\n`;
}

/** An option of one member of a table, in words. */
export interface OptionText {
  /** With the keys of the maps that it is in: `adc.noise`. */
  readonly key: string;
  /** As written in a file; "required" where there is none and one is needed, "" where it may be absent. */
  readonly default: string;
  /** What it means, its words and its range. */
  readonly meaning: string;
}

/** The options of a member, those of maps in it too. @param schema of `memberSchema` */
export function memberOptions(schema: TSchema): OptionText[] {
  const visit = (prefix: string, { properties = {}, required = [] }: Schema): OptionText[] =>
    Object.entries(properties).flatMap(([name, option]) => {
      if (option.const !== undefined) return [];
      const key = `${prefix}${name}`;
      const kinds = (option.oneOf ?? option.items?.oneOf ?? []).flatMap(
        ({ properties: own }) => own?.["kind"]?.const ?? [],
      );
      const branches = kinds.length === 0 ? "" : ` One of the kinds ${kinds.join(", ")}.`;
      const own = {
        key,
        default: defaultText(option, required.includes(name)).replaceAll("`", ""),
        meaning: `${meaningText(option).replaceAll("`", "")}${branches}`,
      };
      const inner = option.type === "array" ? option.items : option;
      const brackets = option.type === "array" ? "[]" : "";
      return [own, ...(inner?.properties === undefined ? [] : visit(`${key}${brackets}.`, inner))];
    });
  return visit("", schema as Schema);
}

/** Keys at the top that the loader fills in without a default in the schema. */
const FILLED: ReadonlySet<string> = new Set(["name"]);
/** Larger bounds only keep nonsense out and tell a reader nothing. */
const TELLING = 1e5;

/** A table of the keys of one map, then a section for each map among them. */
function writeMap(path: string, schema: Schema, lines: string[]): void {
  const { properties = {}, required = [] } = schema;
  const inner: [string, Schema][] = [];
  const rows: string[] = [];
  for (const [key, option] of Object.entries(properties)) {
    if (option.const !== undefined) continue;
    rows.push(row(key, option, required.includes(key) && !(path === "" && FILLED.has(key))));
    if (isMap(option)) inner.push([path === "" ? key : `${path}.${key}`, option]);
  }
  if (rows.length > 0) lines.push("| key | default | meaning |", "| --- | --- | --- |", ...rows, "");
  for (const [innerPath, option] of inner) {
    const section: string[] = [];
    writeSection(innerPath, option, section);
    // Branches share options: a section that stands above in the same words is not repeated.
    if (!lines.join("\n").includes(section.join("\n"))) lines.push(...section);
  }
}

function writeSection(path: string, schema: Schema, lines: string[]): void {
  if (path.endsWith(".effects")) return;
  const heading = `${path.includes(".") ? "####" : "###"} \`${path}\``;
  lines.push(heading, "", schema.description ?? "", "");
  const content =
    schema.items ?? (typeof schema.additionalProperties === "object" ? schema.additionalProperties : schema);
  if (content.oneOf === undefined) {
    writeMap(path, content, lines);
    return;
  }
  for (const branch of content.oneOf) {
    const [key, tag] =
      Object.entries(branch.properties ?? {}).find(([, option]) => option.const !== undefined) ?? [];
    lines.push(`\`${key}: ${tag?.const}\`: ${branch.description}.`, "");
    const missingSpike = TABLES.losses.find(
      ({ kind }) => path === "loss" && kind === tag?.const,
    )?.missingSpike;
    if (missingSpike) lines.push(`A missing spike: ${missingSpike.asks}.`, "");
    writeMap(path, branch, lines);
  }
}

function isMap({ type, properties, oneOf, items, additionalProperties }: Schema): boolean {
  if (type === "array") return items?.type === "object";
  return properties !== undefined || oneOf !== undefined || typeof additionalProperties === "object";
}

function row(key: string, option: Schema, required: boolean): string {
  const meaning = meaningText(option).replaceAll("|", "\\|");
  return `| \`${key}\` | ${defaultText(option, required)} | ${meaning} |`;
}

function meaningText(option: Schema): string {
  const { description = "" } = option;
  const choices =
    option.enum === undefined ? "" : ` One of ${option.enum.map((word) => `\`${word}\``).join(", ")}.`;
  return `${description}${choices}${rangeText(option)}`;
}

function defaultText({ default: defaultValue }: Schema, required: boolean): string {
  if (defaultValue === undefined) return required ? "required" : "";
  if (typeof defaultValue !== "object" || defaultValue === null) return `\`${defaultValue}\``;
  const kind = (defaultValue as { kind?: string }).kind;
  if (kind !== undefined) return `\`{kind: ${kind}}\``;
  return Array.isArray(defaultValue) ? "`[]`" : "see below";
}

function telling(bound: number | undefined): number | undefined {
  return bound === undefined || bound > TELLING ? undefined : bound;
}

function rangeText({ quantity, minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): string {
  const time = (value: number | undefined): string | undefined =>
    value === undefined ? undefined : formatTime(value);
  const low = quantity === undefined ? minimum : time(quantity.minimum);
  const high = quantity === undefined ? telling(maximum) : time(quantity.maximum);
  const above = quantity === undefined ? exclusiveMinimum : time(quantity.above);
  const below = quantity === undefined ? exclusiveMaximum : time(quantity.below);
  const parts = [
    low === undefined ? undefined : `at least ${low}`,
    above === undefined ? undefined : `more than ${above}`,
    high === undefined ? undefined : `at most ${high}`,
    below === undefined ? undefined : `less than ${below}`,
  ].filter((part) => part !== undefined);
  const text = parts.join(", ");
  return text === "" ? "" : ` ${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
