/** The table of searches: `search.kind` of a sweep file. */

import { type Static, Type } from "@sinclair/typebox";
import { choiceSchema } from "../../core/option-schemas.ts";
import { member, memberOf, type OptionsOf, tableSchema } from "../../core/table.ts";

/** Digits of a drawn number: as many as a person would write. */
export const DRAWN_DIGITS = 3;

const range = Type.Object(
  {
    range: Type.Optional(
      Type.Array(Type.Number(), {
        minItems: 2,
        maxItems: 2,
        description: "Smallest and largest value.",
      }),
    ),
    scale: Type.Optional(
      choiceSchema(["lin", "log", "int"], {
        description:
          "`lin` (when absent): uniform; `log`: uniform in the logarithm; `int`: uniform over whole numbers.",
      }),
    ),
    unit: Type.Optional(
      choiceSchema(["ns", "us", "ms"], { description: "Of a time, which is then drawn with it." }),
    ),
    choices: Type.Optional(
      Type.Array(Type.Unknown(), { minItems: 2, description: "Instead of a range: a list of values." }),
    ),
  },
  { additionalProperties: false },
);

export type Range = Static<typeof range>;

const options = {
  ranges: Type.Unsafe<Record<string, Range>>({
    type: "object",
    minProperties: 1,
    additionalProperties: range,
    description:
      "Paths of the experiment, as for `--set`, each with `range` (and `scale`, `unit`) or `choices`.",
  }),
  points: Type.Integer({
    default: 16,
    minimum: 2,
    maximum: 10_000,
    description: "How many points are drawn; with more of them the first ones stay the same.",
  }),
  seed: Type.Integer({ default: 1, minimum: 0, maximum: 0xffffffff, description: "Of the draws." }),
  chosen: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 100,
    description: "How many of the best points the test samples are read for, at the end.",
  }),
};

const random = member({
  kind: "random",
  summary: "every drawn point is trained to its end",
  options,
  create: (_search: unknown, points: number, epochs: number): Rung[] => randomRungs(points, epochs),
});

const halving = member({
  kind: "halving",
  summary: "all drawn points begin; the better ones go on, with more epochs",
  options: {
    ...options,
    firstEpochs: Type.Integer({
      default: 3,
      minimum: 1,
      maximum: 1_000_000,
      description: "Epochs after which the points are compared first; `training.epochs` is the last rung.",
    }),
    factor: Type.Integer({
      default: 3,
      minimum: 2,
      maximum: 100,
      description: "One point of so many goes on, with so many times the epochs.",
    }),
  },
  create: (
    search: { readonly firstEpochs: number; readonly factor: number },
    points: number,
    epochs: number,
  ) => halvingRungs(points, epochs, search.firstEpochs, search.factor),
});

const SEARCHES = [random, halving] as const;
export type Search = OptionsOf<(typeof SEARCHES)[number]>;

export const searchSchema = Type.Optional(
  tableSchema(SEARCHES, {
    description:
      "Draws settings at random instead of a grid or a list, and judges them on the validation samples.",
  }),
);

/** @param epochs length of the whole training */
export function rungsOf(search: Search, epochs: number): Rung[] {
  return memberOf(SEARCHES, search.kind).create(search as never, search.points, epochs);
}

// Rungs -----------------------------------------------------------------------------------------------------

// The rungs of a search: how many points go on, and to how many epochs in all. Random search has one rung.
// Successive halving: K. Jamieson, A. Talwalkar, "Non-stochastic best arm identification and hyperparameter
// optimization" (AISTATS 2016), with the points of a rung going on from where they are.

export interface Rung {
  /** Points that run in it. */
  readonly points: number;
  /** Epochs that each has at its end, counted from its beginning. */
  readonly epochs: number;
}

/** All points run for the whole training. */
function randomRungs(points: number, epochs: number): Rung[] {
  return [{ points, epochs }];
}

/** Each rung has `factor` times the epochs of the one before and one `factor`-th of its points, at least one. */
export function halvingRungs(points: number, epochs: number, firstEpochs: number, factor: number): Rung[] {
  const rungs: Rung[] = [];
  for (let [kept, each] = [points, firstEpochs]; ; kept = Math.ceil(kept / factor), each *= factor) {
    rungs.push({ points: kept, epochs: Math.min(each, epochs) });
    if (each >= epochs) return rungs;
  }
}
