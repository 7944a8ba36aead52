/**
 * Experiments made from the schema: one number at a limit, or everything drawn at random. A new key or a new member of a
 * table is drawn from without a word here. Members that need a text, which is a file's or another machine's name, are left
 * out.
 */

import type { Stream } from "../../src/core/random.ts";
import { experimentSchema } from "../../src/experiment/schema.ts";
import { TABLES } from "../../src/experiment/tables.ts";

/** What is read here of a JSON schema. */
interface Schema {
  readonly type?: string;
  readonly const?: string;
  readonly enum?: readonly Value[];
  readonly oneOf?: readonly Schema[];
  readonly discriminator?: { readonly propertyName: string };
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minProperties?: number;
  readonly default?: Value;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly quantity?: {
    readonly minimum?: number;
    readonly maximum?: number;
    readonly above?: number;
    readonly below?: number;
  };
}

type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };
type Fields = { readonly [key: string]: Value };

const SCHEMA = experimentSchema(TABLES) as unknown as Schema;
/** The text has no form of its own, like a file's or a population's name: none can be drawn. */
const isText = ({ type, const: word, enum: words, quantity, default: usual }: Schema): boolean =>
  type === "string" &&
  word === undefined &&
  words === undefined &&
  quantity === undefined &&
  usual === undefined;

/** Small, so that one batch of it takes milliseconds. */
const BASE: Fields = {
  name: "drawn",
  data: { kind: "yin-yang", trainSize: 20, validationSize: 5, testSize: 5 },
  encoding: { kind: "latency", bias: "2 us" },
  network: {
    duration: "38 us",
    populations: { hidden: { model: "lif", size: 6 }, readout: { model: "li", size: 3 } },
    projections: {
      "input>hidden": { init: { kind: "normal", mean: 1, std: 1 } },
      "hidden>readout": { init: { kind: "normal", mean: 0, std: 0.1 } },
    },
  },
  chip: { kind: "software" },
  loss: { kind: "max-over-time" },
  training: { epochs: 1, batch: 5, workers: 1 },
};

const tagOf = ({ discriminator }: Schema): string => discriminator?.propertyName ?? "kind";
const nameOf = (branch: Schema, tag: string): string => branch.properties?.[tag]?.const ?? "";
const branchesOf = (schema: Schema): readonly Schema[] =>
  (schema.oneOf ?? []).filter(
    ({ properties = {}, required = [] }) => !required.some((key) => isText(properties[key] as Schema)),
  );
const isNumber = ({ type, quantity, enum: words }: Schema): boolean =>
  quantity !== undefined || (words === undefined && (type === "number" || type === "integer"));

/** The least and the largest number that a schema takes. Where it says none: what a double or a time of hours has. */
function range({ type, quantity, ...schema }: Schema): readonly [number, number] {
  const { minimum, maximum } = quantity ?? schema;
  const above = quantity === undefined ? schema.exclusiveMinimum : quantity.above;
  const below = quantity === undefined ? schema.exclusiveMaximum : quantity.below;
  const most = quantity === undefined ? (type === "integer" ? 2 ** 53 : 1e308) : 1e10;
  const nextTo = (bound: number, sign: number): number =>
    type === "integer" ? bound + sign : bound === 0 ? sign * 1e-300 : bound * (1 + sign * 1e-15);
  const least = minimum ?? (above === undefined ? (quantity === undefined ? -most : 0) : nextTo(above, 1));
  return [least, maximum ?? (below === undefined ? most : nextTo(below, -1))];
}

const written = (schema: Schema, value: number): Value =>
  schema.quantity === undefined ? value : `${value} us`;

/** The keys of an object that have no default. */
function needed(schema: Schema): Fields {
  const { properties = {}, required = [] } = schema;
  const fields: Record<string, Value> = {};
  for (const key of required) {
    const each = properties[key]!;
    if (each.const !== undefined) fields[key] = each.const;
    else if (each.default === undefined) fields[key] = simplest(each);
  }
  return fields;
}

function simplest(schema: Schema): Value {
  const [first] = branchesOf(schema);
  if (first !== undefined) return needed(first);
  if (isNumber(schema)) {
    const [least, most] = range(schema);
    return written(schema, Math.min(Math.max(least, 3), most));
  }
  if (schema.enum !== undefined) return schema.enum[0] as Value;
  if (schema.type === "array") return [simplest(schema.items as Schema)];
  return schema.type === "object" ? needed(schema) : "none";
}

export interface Extreme {
  /** `network.duration: 1e10 us` */
  readonly name: string;
  /** The experiment as JSON, which is YAML. */
  readonly text: string;
}

/** The base with one number at a limit of its schema, for every number of every member of every table. */
export function extremeExperiments(): readonly Extreme[] {
  const found: Extreme[] = [];
  const walk = (
    schema: Schema,
    name: string,
    now: Value | undefined,
    place: (value: Value) => Value,
  ): void => {
    const current = typeof now === "object" && now !== null && !Array.isArray(now) ? (now as Fields) : {};
    if (isNumber(schema)) {
      for (const value of new Set(range(schema))) {
        const text = JSON.stringify(place(written(schema, value)));
        found.push({ name: `${name}: ${written(schema, value)}`, text });
      }
    } else if (schema.oneOf !== undefined) {
      const tag = tagOf(schema);
      for (const branch of branchesOf(schema)) {
        const kind = nameOf(branch, tag);
        const fields = current[tag] === kind ? current : { ...needed(branch), ...sizeOf(branch) };
        walk(branch, `${name}(${kind})`, fields, place);
      }
    } else if (schema.type === "array") {
      walk(schema.items as Schema, `${name}[0]`, undefined, (value) => place([value]));
    } else {
      const inner = { ...needed(schema), ...current };
      const names = Object.keys(current);
      const entries =
        typeof schema.additionalProperties === "object"
          ? names.map((key) => [key, schema.additionalProperties as Schema] as const)
          : Object.entries(schema.properties ?? {});
      for (const [key, each] of entries)
        walk(each, name === "" ? key : `${name}.${key}`, current[key], (value) =>
          place({ ...inner, [key]: value }),
        );
    }
  };
  walk(SCHEMA, "", BASE, (value) => value);
  return found;
}

/** Populations have a size, which no default says. */
const sizeOf = (branch: Schema): Fields => (branch.properties?.["size"] === undefined ? {} : { size: 6 });

/** An experiment that the schema accepts, as JSON; it may be impossible for other reasons. */
export function randomExperiment(draws: Stream): string {
  const some = (share: number): boolean => draws.uniform() < share;
  const oneOf = <T>(list: readonly T[]): T => list[draws.below(list.length)] as T;
  const number = (schema: Schema): number => {
    const [least, most] = range(schema);
    const whole = schema.type === "integer";
    if (some(0.05)) return oneOf([least, most]);
    const usual = Number.parseFloat(String(schema.default ?? Math.min(Math.max(least, 5), most)));
    const near = (usual === 0 ? 1 : usual) * 4 ** (2 * draws.uniform() - 1);
    const bounded = Math.min(Math.max(whole ? Math.round(near) : near, least), most);
    return bounded;
  };
  const value = (schema: Schema): Value => {
    if (schema.const !== undefined) return schema.const;
    if (isNumber(schema)) return written(schema, number(schema));
    if (schema.enum !== undefined) return oneOf(schema.enum);
    if (schema.oneOf !== undefined) return fields(oneOf(branchesOf(schema)));
    if (schema.type === "boolean") return some(0.5);
    if (schema.type === "array")
      return Array.from({ length: Math.max(schema.minItems ?? 0, draws.below(3)) }, () =>
        value(schema.items as Schema),
      );
    return schema.type === "object" ? fields(schema) : (schema.default ?? "none");
  };
  const fields = (schema: Schema): Fields => {
    const { properties = {}, required = [] } = schema;
    const drawn: Record<string, Value> = {};
    const least = draws.below(Object.keys(properties).length || 1);
    for (const [index, [key, each]] of Object.entries(properties).entries()) {
      const must =
        (required.includes(key) && each.default === undefined) ||
        (schema.minProperties !== undefined && index === least);
      // Rarely fit by chance: bounds around a first value, a weight for each class, a neuron that there is.
      const share = /^(trainable|classWeights|neuron|terms|count|update)$/.test(key) ? 0.01 : 0.15;
      if (must || (some(share) && !isText(each))) drawn[key] = value(each);
    }
    return drawn;
  };
  const section = (name: string): Schema => SCHEMA.properties?.[name] as Schema;
  const network = section("network").properties as Readonly<Record<string, Schema>>;
  const population = network["populations"]?.additionalProperties as Schema;
  const projection = network["projections"]?.additionalProperties as Schema;
  const model = (names: RegExp): Schema =>
    oneOf(branchesOf(population).filter((branch) => names.test(nameOf(branch, "model"))));
  // The shipped calibrations are for chip 1 and usual constants; any other takes seconds to measure.
  const onChip = some(0.4);
  const populations = onChip
    ? { hidden: { model: "lif", size: 1 + draws.below(8) }, readout: { model: "li", size: 3 } }
    : {
        hidden: { ...fields(model(some(0.9) ? /^(?!li$)/ : /./)), size: 1 + draws.below(8) },
        readout: { ...fields(model(some(0.7) ? /^li$/ : /./)), size: some(0.9) ? 3 : 1 + draws.below(5) },
      };
  const chip = onChip
    ? { ...fields(oneOf(branchesOf(section("chip")))), seed: 1, target: {}, effects: {} }
    : { kind: "software" };
  const names = ["input>hidden", "hidden>readout", ...(some(0.3) ? ["hidden>hidden"] : [])];
  const maybe = (name: string, share: number): Fields =>
    some(share) ? { [name]: value(section(name)) } : {};
  return JSON.stringify({
    ...BASE,
    ...(some(0.2)
      ? { data: withKeysOf({ ...fields(oneOf(branchesOf(section("data")))), ...SIZES }, section("data")) }
      : {}),
    ...maybe("encoding", 0.3),
    network: {
      duration: some(0.7) ? "38 us" : value(network["duration"] as Schema),
      populations,
      projections: Object.fromEntries(names.map((name) => [name, fields(projection)])),
    },
    chip: withKeysOf(chip, section("chip")),
    ...maybe("loss", 0.4),
    ...maybe("estimator", 0.6),
    ...maybe("optimizer", 0.6),
    ...maybe("schedule", 0.6),
    ...maybe("regularizers", 0.5),
    training: { ...fields(section("training")), epochs: draws.below(3), workers: 1 },
  });
}

/** Without the keys that its member does not have. */
function withKeysOf(fields: Fields, schema: Schema): Fields {
  const branch = branchesOf(schema).find((one) => nameOf(one, "kind") === fields["kind"]);
  return Object.fromEntries(
    Object.entries(fields).filter(([key]) => branch?.properties?.[key] !== undefined),
  );
}

/** Of data sets that take them. */
const SIZES: Fields = { trainSize: 20, validationSize: 5, testSize: 5 };
