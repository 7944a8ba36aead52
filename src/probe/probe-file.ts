/**
 * A probe file: which words a chip gets, which events it receives, and what is recorded. Same rules as experiments:
 * units, `extends`, defaults, a position in every error.
 */

import { Type } from "@sinclair/typebox";
import { TARGET_SCHEMA } from "../calibration/target.ts";
import type { CalibrationTarget } from "../calibration/types.ts";
import { NEURON_WORD_MAX, NEURON_WORD_NAMES } from "../chip/config.ts";
import { CHIPS, type ChipOptions } from "../chip/index.ts";
import { CAPMEM_MAX, DRIVERS, NEURONS, SYNAPSE_LABEL_MAX, WEIGHT_MAX } from "../chip/limits.ts";
import { choiceSchema, timeSchema } from "../core/option-schemas.ts";
import { tableSchema } from "../core/table.ts";
import type { Microseconds } from "../core/units.ts";
import { readExtended } from "../experiment/extend.ts";
import { deepFreeze } from "../experiment/freeze.ts";
import { applyOverride } from "../experiment/overrides.ts";
import { type Problem, problemsError } from "../experiment/problem.ts";
import { resolveConfig } from "../experiment/resolve-config.ts";
import { experimentPath } from "../experiment/shipped.ts";
import { createValidator } from "../experiment/validate.ts";

/** Words of neurons that a probe file may set: all but the address, which the probe gives, to know each neuron's spikes by. */
const WORD_NAMES = NEURON_WORD_NAMES.filter((name) => name !== "address");

/** What a sweep may change: `weight` and `synapses` are those of the first input. */
const SWEPT = [...WORD_NAMES, "synapseDacBias", "weight", "synapses"] as const;

const words = Type.Partial(
  Type.Object({
    ...Object.fromEntries(
      WORD_NAMES.map((name) => [name, Type.Integer({ minimum: 0, maximum: NEURON_WORD_MAX[name] })]),
    ),
    synapseDacBias: Type.Integer({ minimum: 0, maximum: CAPMEM_MAX }),
  }),
  {
    additionalProperties: false,
    default: {},
    description:
      "Words by name, the same for all named neurons (docs/hardware.md); synapseDacBias for all quadrants.",
  },
);

const input = Type.Object(
  {
    sign: choiceSchema(["excitatory", "inhibitory"], {
      default: "excitatory",
      description: "Sign of its synapses.",
    }),
    weight: Type.Integer({
      minimum: 0,
      maximum: WEIGHT_MAX,
      default: WEIGHT_MAX,
      description: "Word of each synapse.",
    }),
    synapses: Type.Integer({
      minimum: 1,
      maximum: DRIVERS,
      default: 1,
      description: "Synapses that an event reaches on each neuron, each by a driver of its own.",
    }),
    times: Type.Array(timeSchema({ minimum: 0 }), { description: "When its events arrive.", default: [] }),
  },
  { additionalProperties: false },
);

const SCHEMA = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, description: "Title of the figure." })),
    chip: tableSchema(CHIPS, { description: "The chip.", defaultValue: { kind: "simulated" } }),
    target: Type.Optional({
      ...TARGET_SCHEMA,
      description:
        "Words start from the calibration for this target; without it from those of an uncalibrated chip.",
    }),
    neurons: Type.Array(Type.Integer({ minimum: 0, maximum: NEURONS - 1 }), {
      minItems: 1,
      maxItems: NEURONS,
      uniqueItems: true,
      description: "Circuits that are observed: 256 · hemisphere + column.",
    }),
    duration: timeSchema({ above: 0, maximum: 100_000, description: "Of one run." }),
    words,
    inputs: Type.Array(input, {
      default: [],
      maxItems: SYNAPSE_LABEL_MAX,
      description: "Sources of events.",
    }),
    sweep: Type.Optional(
      Type.Object(
        {
          of: choiceSchema(SWEPT, { description: "A word, or weight or synapses of the first input." }),
          values: Type.Array(Type.Integer({ minimum: 0 }), { minItems: 1, maxItems: 1024 }),
        },
        { additionalProperties: false, description: "Runs the probe once for each value." },
      ),
    ),
    record: choiceSchema(["cadc", "madc", "spikes"], {
      default: "cadc",
      description: "cadc samples all neurons every 1.7 us, madc each in a run of its own every 34 ns.",
    }),
    memory: choiceSchema(["sram", "dram"], {
      default: "sram",
      description: "Of the cadc: sram holds 100 samples, dram samples every 6 us.",
    }),
    repeats: Type.Integer({ minimum: 1, maximum: 1000, default: 1, description: "Runs of each value." }),
  },
  { additionalProperties: false },
);

export interface ProbeInput {
  readonly sign: "excitatory" | "inhibitory";
  readonly weight: number;
  readonly synapses: number;
  readonly times: readonly Microseconds[];
}

export interface ProbeFile {
  readonly name?: string;
  readonly chip: ChipOptions;
  readonly target?: CalibrationTarget;
  readonly neurons: readonly number[];
  readonly duration: Microseconds;
  readonly words: Readonly<Record<string, number>>;
  readonly inputs: readonly ProbeInput[];
  readonly sweep?: { readonly of: (typeof SWEPT)[number]; readonly values: readonly number[] };
  readonly record: "cadc" | "madc" | "spikes";
  readonly memory: "sram" | "dram";
  readonly repeats: number;
}

/** @throws UserError with exit code 3 */
export function loadProbe(file: string, set: readonly string[], folder = process.cwd()): ProbeFile {
  const { root: read } = readExtended(experimentPath(file, folder), file);
  const merged = set.reduce((root, text, i) => applyOverride(root, text, `--set #${i + 1}`, folder), read);
  const { root, values } = resolveConfig(merged, createValidator(SCHEMA));
  const probe = deepFreeze(values) as unknown as ProbeFile;
  const problems = problemsOf(probe);
  if (problems.length > 0) throw problemsError("experiment-physics", problems, root);
  return probe;
}

/** What the schema cannot say: sums over inputs, and ranges of swept words. */
function problemsOf({ inputs, sweep, duration }: ProbeFile): Problem[] {
  const problems: Problem[] = [];
  const swept = sweep?.of === "synapses" ? Math.max(...sweep.values) - (inputs[0]?.synapses ?? 0) : 0;
  const synapses = inputs.reduce((sum, one) => sum + one.synapses, swept);
  if (synapses > DRIVERS)
    problems.push({
      path: ["inputs"],
      at: "value",
      message: `${synapses} synapses on a neuron need as many drivers, a hemisphere has ${DRIVERS}`,
    });
  inputs.forEach(({ times }, i) => {
    if (times.some((time) => time >= duration))
      problems.push({
        path: ["inputs", i, "times"],
        at: "value",
        message: "an event comes after the end of the run",
      });
  });
  if (sweep === undefined) return problems;
  const { of, values } = sweep;
  if ((of === "weight" || of === "synapses") && inputs.length === 0)
    problems.push({
      path: ["sweep", "of"],
      at: "value",
      message: `there is no input whose ${of} could change`,
    });
  const [least, most] = rangeOf(of);
  values.forEach((value, i) => {
    if (value < least || value > most)
      problems.push({
        path: ["sweep", "values", i],
        at: "value",
        message: `${of} is ${least} … ${most}`,
      });
  });
  return problems;
}

function rangeOf(of: (typeof SWEPT)[number]): readonly [number, number] {
  if (of === "weight") return [0, WEIGHT_MAX];
  if (of === "synapses") return [1, DRIVERS];
  return [0, of === "synapseDacBias" ? CAPMEM_MAX : NEURON_WORD_MAX[of]];
}
