/**
 * Complaints of the schema validator in the words of a person: what is wrong, at which key or value, and what
 * was probably meant.
 */

import type { ErrorObject } from "ajv";
import { listed, suggest } from "../core/suggest.ts";
import type { Problem } from "./problem.ts";
import { type Path, pathText, pointerPath } from "./tree.ts";

type Properties = Record<string, object>;

/** Problems in the validator's order, without those that only follow from another one. */
export function explainErrors(errors: readonly ErrorObject[]): Problem[] {
  const byMap = new Map<string, ErrorObject[]>();
  for (const error of errors) {
    const same = byMap.get(error.instancePath);
    if (same === undefined) byMap.set(error.instancePath, [error]);
    else same.push(error);
  }
  return errors
    .filter((error) => !isConsequence(error, byMap.get(error.instancePath) ?? [], errors))
    .map((error) => explain(error));
}

/**
 * A missing key next to its misspelling, or already asked for as the `kind` of a branch; at a value that may have
 * several types, each type that it has not, and all of them together where something of the right type is wrong.
 */
function isConsequence(
  error: ErrorObject,
  sameMap: readonly ErrorObject[],
  errors: readonly ErrorObject[],
): boolean {
  if (error.keyword === "propertyNames") return true;
  if (error.keyword === "type" && sameMap.some(({ keyword }) => keyword === "anyOf")) return true;
  if (error.keyword === "anyOf")
    return errors.some(
      ({ keyword, instancePath }) =>
        keyword !== "anyOf" &&
        instancePath.startsWith(error.instancePath) &&
        !(keyword === "type" && instancePath === error.instancePath),
    );
  if (error.keyword !== "required") return false;
  const missing = error.params["missingProperty"] as string;
  const misspelt = (other: ErrorObject) =>
    other.keyword === "additionalProperties" &&
    suggest(other.params["additionalProperty"] as string, [missing]) !== undefined;
  const branch = (other: ErrorObject) => other.keyword === "discriminator" && other.params["tag"] === missing;
  return sameMap.some((other) => misspelt(other) || branch(other));
}

function explain(error: ErrorObject): Problem {
  const path = pointerPath(error.instancePath);
  const { params, data } = error;
  const name = `\`${pathText(path)}\``;
  const value = (message: string): Problem => withHint({ path, at: "value", message }, meaning(error));
  switch (error.keyword) {
    case "additionalProperties":
      return unknownKey(path, params["additionalProperty"] as string, error);
    case "required":
      return missingKey(path, params["missingProperty"] as string, error);
    case "discriminator":
      return wrongKind(path, params as { tag: string; tagValue: unknown }, error);
    case "type":
      return wrongType(path, error);
    case "anyOf": {
      const choices = error.schema as readonly { readonly type: string }[];
      return wrongType(path, { ...error, params: { type: choices.map(({ type }) => type) } });
    }
    case "enum":
      return wrongWord(path, data, params["allowedValues"] as unknown[]);
    case "quantity":
      return value(`${name} must be ${params["bound"]}, not ${data}`);
    case "minimum":
    case "maximum":
    case "exclusiveMinimum":
    case "exclusiveMaximum":
      return value(
        `${name} must be ${COMPARISONS[params["comparison"] as string]} ${params["limit"]}, not ${data}`,
      );
    case "multipleOf":
      return value(`${name} must be a multiple of ${params["multipleOf"]}, not ${data}`);
    case "minItems":
      return value(
        `${name} needs at least ${params["limit"]} ${params["limit"] === 1 ? "entry" : "entries"}`,
      );
    case "maxItems":
      return value(`${name} has more than ${params["limit"]} entries`);
    case "minLength":
    case "minProperties":
      return value(`${name} is empty`);
    case "uniqueItems":
      return value(`${name} has the same entry twice`);
    case "pattern":
      return wrongPattern(path, error);
    default:
      return value(`${name} ${error.message ?? "is not accepted"}`);
  }
}

/** What the key is for, and its default. */
function meaning({ parentSchema }: ErrorObject): string | undefined {
  const description = parentSchema?.["description"] as string | undefined;
  const defaultValue = parentSchema?.["default"] as unknown;
  const isShort = defaultValue !== undefined && (typeof defaultValue !== "object" || defaultValue === null);
  const defaultText = isShort ? `The default is \`${defaultValue}\`.` : undefined;
  const parts = [description, defaultText].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(" ");
}

function withHint(problem: Problem, hint: string | undefined): Problem {
  return hint === undefined ? problem : { ...problem, hint };
}

const COMPARISONS: Readonly<Record<string, string>> = {
  ">=": "at least",
  "<=": "at most",
  ">": "more than",
  "<": "less than",
};

function unknownKey(path: Path, key: string, error: ErrorObject): Problem {
  const known = Object.keys((error.parentSchema?.["properties"] as Properties | undefined) ?? {});
  const place = path.length === 0 ? "" : ` in \`${pathText(path)}\``;
  const problem = { path: [...path, key], at: "key", message: `unknown key \`${key}\`${place}` } as const;
  if (key === "<<") return { ...problem, hint: "merge keys are not used here; `extends` merges whole files" };
  const meant = suggest(key, known);
  const free = known.filter((word) => word !== "kind" && word !== "model");
  if (meant !== undefined) return { ...problem, hint: `did you mean \`${meant}\`?` };
  if (free.length === 0) return { ...problem, hint: "it takes no options" };
  return { ...problem, hint: `keys here: ${listed(free)}` };
}

function missingKey(path: Path, key: string, error: ErrorObject): Problem {
  const properties = error.parentSchema?.["properties"] as
    | Record<string, { description?: string }>
    | undefined;
  const hint = properties?.[key]?.description;
  if (path.length === 0) return withHint({ path, at: "value", message: `\`${key}\` is missing` }, hint);
  return withHint({ path, at: "key", message: `\`${key}\` is missing in \`${pathText(path)}\`` }, hint);
}

function wrongKind(path: Path, params: { tag: string; tagValue: unknown }, error: ErrorObject): Problem {
  const { tag, tagValue } = params;
  const branches = error.parentSchema?.["oneOf"] as { properties: Record<string, { const: string }> }[];
  const choices = branches.map((branch) => branch.properties[tag]?.const ?? "");
  if (tagValue === undefined) {
    return {
      path,
      at: "key",
      message: `\`${tag}\` is missing in \`${pathText(path)}\``,
      hint: listing(choices),
    };
  }
  return wrongWord([...path, tag], tagValue, choices);
}

function wrongWord(path: Path, given: unknown, choices: readonly unknown[]): Problem {
  const words = choices.map(String);
  const meant = typeof given === "string" ? suggest(given, words) : undefined;
  const message = `\`${pathText(path)}\` cannot be ${shown(given)}`;
  const hint = meant === undefined ? listing(words) : `did you mean \`${meant}\`? ${listing(words)}`;
  return { path, at: "value", message, hint };
}

function listing(words: readonly string[]): string {
  return words.length === 1 ? `the only choice is ${words[0]}` : `choose one of: ${words.join(", ")}`;
}

const EXPECTED: Readonly<Record<string, string>> = {
  object: "a map of keys and values",
  array: "a list",
  string: "a word",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
};

function wrongType(path: Path, error: ErrorObject): Problem {
  const name = `\`${pathText(path)}\``;
  const { data, parentSchema } = error;
  if (parentSchema?.["quantity"] !== undefined) {
    if (typeof data === "number") {
      return { path, at: "value", message: `${name} needs a unit`, hint: `write e.g. \`${data} us\`` };
    }
    const message = `${name} must be a time with its unit, not ${shown(data)}`;
    return { path, at: "value", message, hint: "e.g. `6 us`" };
  }
  const wanted = [error.params["type"]].flat() as string[];
  const message = `${name} must be ${wanted.map((type) => EXPECTED[type] ?? type).join(" or ")}, not ${shown(data)}`;
  return withHint({ path, at: "value", message }, typeHint(wanted, data, parentSchema) ?? meaning(error));
}

function typeHint(
  wanted: readonly string[],
  data: unknown,
  schema: ErrorObject["parentSchema"],
): string | undefined {
  if (data === null) return "write a value, or leave the key out";
  if (typeof data === "string" && wanted.includes("object") && schema?.["discriminator"] !== undefined) {
    return `write \`{kind: ${data}}\``;
  }
  if (typeof data !== "string" || !(wanted.includes("number") || wanted.includes("integer")))
    return undefined;
  const meant = meantNumber(data);
  if (meant === undefined) return undefined;
  if (meant.rest === "") return `write \`${meant.text}\`, ${meant.why}`;
  if (meant.rest === "%")
    return `write the share as a number, \`${Number((meant.value / 100).toPrecision(15))}\``;
  return /^[a-zµ]+$/i.test(meant.rest) ? `it has no unit: write \`${meant.text}\`` : undefined;
}

interface MeantNumber {
  readonly value: number;
  /** As it should be written. */
  readonly text: string;
  /** What is different then. */
  readonly why: string;
  /** What follows the number. */
  readonly rest: string;
}

/**
 * The number at the start of a text, also one with a decimal comma or with underscores. A hint must never name another
 * value than the one that was written: whatever is not certain is undefined.
 */
function meantNumber(data: string): MeantNumber | undefined {
  const match = /^([+-]?[\d._]*,?[\d._]*(?:e[+-]?\d+)?)\s*([^\d\s.,_].{0,20}|)$/i.exec(
    data.slice(0, 60).trim(),
  );
  const written = match?.[1] ?? "";
  const comma = written.includes(",");
  const text = written.replaceAll("_", "").replace(",", ".");
  const value = Number(text);
  // `1,000` may be a thousand: the writer has to say which.
  if (text === "" || data.length > 60 || !Number.isFinite(value) || /^[+-]?[1-9]\d{0,2},\d{3}$/.test(written))
    return undefined;
  const why = comma ? "with a point" : "without quotes or underscores";
  return { value, text, why, rest: match?.[2] ?? "" };
}

/** Units as people write them, and as this program does; a bare number is taken for µs, as in its example. */
const UNIT_WORDS: Readonly<Record<string, string>> = {
  "": "us",
  ns: "ns",
  us: "us",
  µs: "us",
  μs: "us",
  usec: "us",
  microseconds: "us",
  ms: "ms",
  msec: "ms",
  milliseconds: "ms",
  s: "s",
  sec: "s",
  seconds: "s",
};

function wrongPattern(path: Path, error: ErrorObject): Problem {
  const { data, parentSchema } = error;
  if (parentSchema?.["quantity"] !== undefined) {
    const meant = meantNumber(String(data));
    const unit = meant === undefined ? undefined : UNIT_WORDS[meant.rest.toLowerCase()];
    const example = meant === undefined || unit === undefined ? "6 us" : `${meant.text} ${unit}`;
    const message = `\`${pathText(path)}\` is ${shown(data)}, which is not a time`;
    return { path, at: "value", message, hint: `a number with ns, us, ms or s, e.g. \`${example}\`` };
  }
  const key = (error as { propertyName?: string }).propertyName;
  if (key !== undefined) {
    const form =
      path.at(-1) === "projections" ? "`from>to`, e.g. `input>hidden`" : "a word of letters, digits, - and _";
    return {
      path: [...path, key],
      at: "key",
      message: `\`${key}\` is not a name in \`${pathText(path)}\``,
      hint: `write ${form}`,
    };
  }
  const message = `\`${pathText(path)}\` cannot be ${shown(data)}`;
  const [example] = (parentSchema?.["examples"] ?? []) as readonly string[];
  const hint =
    example === undefined ? "letters, digits, `.`, `-` and `_`, at most 64" : `e.g. \`${example}\``;
  return { path, at: "value", message, hint };
}

/** A value as the reader recognizes it, cut when it is long. */
function shown(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  const text = String(value);
  return `\`${text.length > 40 ? `${text.slice(0, 40)}…` : text}\``;
}
