/**
 * The schema of an experiment file, composed from the tables of exchangeable parts. It is the one source of
 * the accepted keys, their defaults, the static type, and the JSON schema that editors read.
 */

import { type Static, Type } from "@sinclair/typebox";
import { choiceSchema, fileSchema, timeSchema } from "../core/option-schemas.ts";
import { type AnyMember, tableSchema } from "../core/table.ts";
import { LOGGERS } from "../loggers/index.ts";
import { DELAY_KINDS } from "../network/parameters.ts";
import { WEIGHT_UPDATES } from "../optimize/weight-updates.ts";
import { chipSchema } from "./chip-schema.ts";
import { CONNECTIVITIES } from "./connectivity/index.ts";
import { INITIALIZERS } from "./initial/index.ts";
import { populationSchema } from "./models.ts";
import type { TABLES } from "./tables.ts";

/** Tables that an experiment chooses from by `kind`. */
export interface Tables {
  readonly datasets: readonly AnyMember[];
  readonly encoders: readonly AnyMember[];
  readonly chips: readonly AnyMember[];
  readonly losses: readonly AnyMember[];
  readonly estimators: readonly AnyMember[];
  readonly optimizers: readonly AnyMember[];
  readonly schedules: readonly AnyMember[];
  readonly regularizers: readonly AnyMember[];
}

const NAME = "[A-Za-z][A-Za-z0-9_-]*";
const strict = { additionalProperties: false } as const;

const count = (description: string, defaultValue: number, minimum = 1) =>
  Type.Integer({ default: defaultValue, minimum, maximum: 1_000_000, description });

const projection = Type.Object(
  {
    rows: Type.Integer({
      default: 1,
      minimum: 1,
      maximum: 128,
      description: "Synapse rows of each sign per source; on a chip a weight is their sum.",
    }),
    learningRate: Type.Number({
      default: 1,
      minimum: 0,
      description: "Factor on the learning rate of these weights; 0 keeps them as they are.",
    }),
    init: tableSchema(INITIALIZERS, {
      description: "The first weights; `{ mean, std }` alone is `normal`.",
    }),
    connect: tableSchema(CONNECTIVITIES, {
      description: "Which pairs are connected; on a chip a missing connection is a synapse of weight 0.",
      defaultValue: { kind: "all" },
    }),
    sign: choiceSchema(["any", "excitatory", "inhibitory"], {
      default: "any",
      description: "Sign that the weights keep: an update that would change it ends at 0.",
    }),
    delay: Type.Optional(
      Type.Object(
        {
          kind: choiceSchema(DELAY_KINDS, {
            default: "none",
            description:
              "Whose delay it is: of each source (axonal), target (dendritic), or both (synaptic).",
          }),
          init: timeSchema({ default: "1 us", minimum: 0, description: "The first delay of all." }),
          file: Type.Optional(
            fileSchema({
              description:
                "First delays in µs from a file, instead of `init`: an .npy, or an .npz or JSON file with the key `delay <projection>`.",
            }),
          ),
          max: timeSchema({ default: "6 us", above: 0, description: "No delay gets longer." }),
          learnable: Type.Boolean({ default: true, description: "Whether delays are learned." }),
          learningRate: Type.Number({
            default: 1,
            minimum: 0,
            description: "Factor on the learning rate of θ, where a delay is max · σ(θ).",
          }),
        },
        {
          ...strict,
          description: "How long spikes travel (default: no delay). On a chip: axonal, of inputs only.",
        },
      ),
    ),
  },
  { ...strict, description: "Connections from one group to another." },
);

const network = Type.Object(
  {
    duration: timeSchema({ above: 0, description: "Length of one sample." }),
    populations: Type.Unsafe<Record<string, Static<typeof populationSchema>>>({
      type: "object",
      minProperties: 1,
      propertyNames: { type: "string", pattern: `^${NAME}$` },
      additionalProperties: populationSchema,
      description: "Groups of neurons by name, in the order in which signals pass them.",
    }),
    projections: Type.Unsafe<Record<string, Static<typeof projection>>>({
      type: "object",
      minProperties: 1,
      propertyNames: { type: "string", pattern: `^${NAME}>${NAME}$` },
      additionalProperties: projection,
      description: "Connections, `from>to`; `input` is where the encoded data arrives.",
    }),
  },
  { ...strict, description: "The spiking network." },
);

const averaging = Type.Object(
  {
    decay: Type.Number({
      default: 0.99,
      minimum: 0,
      maximum: 1,
      description: "Share of the old average that an update keeps; 1 is the plain mean of all steps.",
    }),
    startEpoch: Type.Integer({
      default: 0,
      minimum: 0,
      description: "First epoch whose steps are averaged.",
    }),
  },
  { ...strict, description: "Evaluate a running average of the weights instead of the last ones." },
);

const measure = (defaultValue: "accuracy" | "loss") =>
  choiceSchema(["accuracy", "loss"], {
    default: defaultValue,
    description: "What is compared: the accuracy or the loss on the validation samples.",
  });

const clip = Type.Object(
  {
    norm: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description: "A longer gradient, over all weights, is shortened to it.",
      }),
    ),
    value: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description: "Entries of the gradient are cut at plus and minus this.",
      }),
    ),
  },
  { ...strict, minProperties: 1, description: "Limits on the gradient of a batch." },
);

const best = Type.Object(
  { measure: measure("accuracy") },
  {
    ...strict,
    description: "Keep the weights of the epoch with the best validation, not those of the last one.",
  },
);

const earlyStopping = Type.Object(
  {
    patience: count("Evaluations without a better validation before the training ends.", 10),
    measure: measure("loss"),
    minDelta: Type.Number({
      default: 0,
      minimum: 0,
      description: "By how much a value must be better to count.",
    }),
  },
  { ...strict, description: "End the training when the validation gets no better." },
);

const training = Type.Object(
  {
    epochs: count("Passes over the training samples; 0 only evaluates.", 50, 0),
    batch: count("Samples per weight update.", 50),
    update: tableSchema(WEIGHT_UPDATES, {
      description: "What the weights are between updates.",
      defaultValue: { kind: "float" },
    }),
    averaging: Type.Optional(averaging),
    clip: Type.Optional(clip),
    best: Type.Optional(best),
    earlyStopping: Type.Optional(earlyStopping),
    evaluateEvery: count("Epochs between evaluations on the validation samples.", 1),
    evaluateTest: Type.Boolean({
      default: true,
      description:
        "Whether the test samples are evaluated at the end; a search leaves them for the chosen points.",
    }),
    checkpointEvery: count("Epochs between checkpoints.", 10),
    log: Type.Array(
      choiceSchema(
        LOGGERS.map(({ kind }) => kind),
        { description: "A logger." },
      ),
      {
        default: [],
        description:
          "What metrics.csv is also written as: `tensorboard`, `mlflow`. Results do not depend on it.",
      },
    ),
    workers: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 256,
        description: "Threads (default: one per core). Results do not depend on it.",
      }),
    ),
    workerTimeout: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1_000_000,
        description:
          "Seconds without any answer of a thread after which the run ends with an error; 600 when absent.",
      }),
    ),
  },
  { ...strict, default: {}, description: "How long and how." },
);

/** The schema over given tables; keys with a default may be left out. */
export function experimentSchema<const T extends Tables>(tables: T) {
  return Type.Object(
    {
      name: Type.String({
        pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
        description: "Names the run folder (default: the file's name).",
      }),
      seed: Type.Integer({
        default: 1,
        minimum: 0,
        maximum: 0xffffffff,
        description: "Of initial weights, sample order and noise.",
      }),
      plugins: Type.Optional(
        Type.Array(fileSchema({}), {
          description:
            "Programs that add losses, data sets and encoders (docs/plugins.md); loaded with --allow-plugins only.",
        }),
      ),
      data: tableSchema<T["datasets"]>(tables.datasets, { description: "Labeled samples." }),
      encoding: tableSchema<T["encoders"]>(tables.encoders, {
        description: "How features become input spikes.",
        defaultValue: { kind: "latency" },
      }),
      network,
      chip: chipSchema<T["chips"]>(tables.chips),
      loss: tableSchema<T["losses"]>(tables.losses, { description: "What is minimized." }),
      estimator: tableSchema<T["estimators"]>(tables.estimators, {
        description: "How the gradient is found.",
        defaultValue: { kind: "eventprop" },
      }),
      optimizer: tableSchema<T["optimizers"]>(tables.optimizers, {
        description: "How the gradient moves the weights.",
        defaultValue: { kind: "adam" },
      }),
      schedule: tableSchema<T["schedules"]>(tables.schedules, {
        description: "How the learning rate changes over epochs.",
        defaultValue: { kind: "constant" },
      }),
      regularizers: Type.Array(
        tableSchema<T["regularizers"]>(tables.regularizers, {
          description: "One further term of the loss.",
        }),
        {
          default: [],
          description: "Further terms of the loss.",
        },
      ),
      training,
    },
    { ...strict },
  );
}

/** An experiment: defaults filled in, times in µs, paths absolute. */
export type Experiment = Static<ReturnType<typeof experimentSchema<typeof TABLES>>>;
