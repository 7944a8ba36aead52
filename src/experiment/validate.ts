/**
 * Plain values against the schema: fills in defaults, collects what is wrong in words, and remembers which
 * strings are quantities or file names, so that they can be converted afterwards.
 */

import type { TSchema } from "@sinclair/typebox";
import { Ajv, type AnySchemaObject, type ErrorObject, type SchemaValidateFunction } from "ajv";
import type { Quantity } from "../core/option-schemas.ts";
import { formatTime, parseTime } from "../core/units.ts";
import { explainErrors } from "./explain.ts";
import type { Problem } from "./problem.ts";
import { type Path, pointerPath } from "./tree.ts";

export interface Checked {
  readonly problems: readonly Problem[];
  /** Paths of strings that are times, and that are names of files. */
  readonly times: readonly Path[];
  readonly files: readonly Path[];
}

/** Fills defaults into `value`, in place. */
export type Validator = (value: unknown) => Checked;

type DataContext = Parameters<SchemaValidateFunction>[3];

interface Found {
  readonly times: Path[];
  readonly files: Path[];
}

export function createValidator(schema: TSchema): Validator {
  const ajv = new Ajv({
    allErrors: true,
    discriminator: true,
    useDefaults: true,
    strict: true,
    strictRequired: false,
    verbose: true,
    passContext: true,
    messages: true,
    // The schema is our own and its tests check it; checking it here doubles the time to compile it.
    validateSchema: false,
    meta: false,
    code: { optimize: false },
  });
  ajv.addKeyword({ keyword: "quantity", type: "string", errors: true, validate: checkQuantity });
  ajv.addKeyword({ keyword: "fileReference", type: "string", validate: noteFile });
  const validate = ajv.compile(schema);
  return (value) => {
    const found: Found = { times: [], files: [] };
    const good = validate.call(found, value);
    return { ...found, problems: good ? [] : explainErrors(validate.errors ?? []) };
  };
}

/** A time within its range; malformed ones are left to `pattern`. */
const checkQuantity: SchemaValidateFunction = function (
  this: unknown,
  quantity: Quantity,
  data: string,
  parentSchema?: AnySchemaObject,
  context?: DataContext,
): boolean {
  const time = parseTime(data);
  if (time === undefined || context === undefined) return true;
  (this as Found).times.push(pointerPath(context.instancePath));
  const bound = brokenBound(quantity, time);
  if (bound === undefined) return true;
  const error: Partial<ErrorObject> = { keyword: "quantity", params: { bound }, message: `must be ${bound}` };
  checkQuantity.errors = [parentSchema === undefined ? error : { ...error, parentSchema }];
  return false;
};

/** No time here is outside these, in µs: sums and quotients of such times stay finite. */
const LONGEST = 1e12;
const SHORTEST = 1e-6;

function brokenBound(range: Quantity, time: number): string | undefined {
  const size = Math.abs(time);
  if (size > LONGEST) return `at most ${formatTime(LONGEST)}`;
  if (size > 0 && size < SHORTEST) return `0 or at least ${formatTime(SHORTEST)}`;
  if (range.minimum !== undefined && time < range.minimum) return `at least ${formatTime(range.minimum)}`;
  if (range.above !== undefined && time <= range.above) return `more than ${formatTime(range.above)}`;
  if (range.maximum !== undefined && time > range.maximum) return `at most ${formatTime(range.maximum)}`;
  if (range.below !== undefined && time >= range.below) return `less than ${formatTime(range.below)}`;
  return undefined;
}

const noteFile: SchemaValidateFunction = function (
  this: unknown,
  _on: unknown,
  _data: string,
  _parentSchema,
  context?: DataContext,
): boolean {
  if (context !== undefined) (this as Found).files.push(pointerPath(context.instancePath));
  return true;
};
