/** The schema of a sweep file: what is varied, how often it is repeated, and by which number it is judged. */

import { type Static, Type } from "@sinclair/typebox";
import { choiceSchema, fileSchema } from "../core/option-schemas.ts";
import { editorSchema } from "../experiment/published-schema.ts";
import { searchSchema } from "./search/schema.ts";

/** Numbers by which runs can be compared; each is one per run. */
export const METRICS = ["testAccuracy", "testLoss", "validationAccuracy", "validationLoss"] as const;
export type Metric = (typeof METRICS)[number];

/** Whether more is better. */
export function isAccuracy(metric: Metric): boolean {
  return metric === "testAccuracy" || metric === "validationAccuracy";
}

/** Whether it comes from the test samples. */
export function isTest(metric: Metric): boolean {
  return metric === "testAccuracy" || metric === "testLoss";
}

/** The word for chips that go with the seeds, one each. */
export const AS_SEEDS = "as-seeds";

/** A whole number, or a list of them; read by hand, since a schema of two types explains neither well. */
const countOrList = (description: string) => Type.Optional(Type.Unsafe<number | number[]>({ description }));

export const SWEEP_SCHEMA = Type.Object(
  {
    name: Type.String({
      pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
      description: "Names the folder of the sweep (default: the file's name).",
    }),
    base: fileSchema({ description: "The experiment file that all points start from." }),
    grid: Type.Unsafe<Record<string, unknown[]>>({
      type: "object",
      additionalProperties: { type: "array", minItems: 1 },
      default: {},
      description:
        "Paths of the experiment, as for `--set`, each with a list of values: all combinations are run.",
    }),
    list: Type.Array(Type.Unsafe<Record<string, unknown>>({ type: "object", minProperties: 1 }), {
      default: [],
      description:
        "Settings of their own: maps of paths and values, each combined with the whole grid. `name` names a setting.",
    }),
    search: searchSchema,
    seeds: countOrList("How many seeds (3 is 1, 2, 3), or a list of them (default: the base's seed)."),
    chips: Type.Optional(
      Type.Unsafe<number | number[] | typeof AS_SEEDS>({
        description:
          "How many simulated chips, or a list of their seeds, each with all `seeds` (default: the base's chip). " +
          `\`${AS_SEEDS}\`: seed n runs on chip n.`,
      }),
    ),
    metric: Type.Optional(
      choiceSchema(METRICS, {
        description:
          "The number by which settings are compared; testAccuracy when absent, validationAccuracy in a search.",
      }),
    ),
  },
  { additionalProperties: false },
);

export type SweepFile = Static<typeof SWEEP_SCHEMA>;

// The published schema --------------------------------------------------------------------------------------

// What the schema of sweep files is published as, for editors: schema/sweep.schema.json.

export function sweepSchemaText(): string {
  return `${JSON.stringify(editorSchema(SWEEP_SCHEMA, "eventprop sweep"), null, 2)}\n`;
}
