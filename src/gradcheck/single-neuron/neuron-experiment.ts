/**
 * The experiment of the paper's Figures 4 and 5 as the parts of an experiment file: one LIF neuron, one input, a
 * chip or none. Everything that is not named here has the default of the experiment schema.
 */

import { Type } from "@sinclair/typebox";
import { CHIPS } from "../../chip/index.ts";
import { UserError } from "../../core/errors.ts";
import { formatTime, parseTime } from "../../core/units.ts";
import { type Experiment, experimentSchema } from "../../experiment/schema.ts";
import { TABLES } from "../../experiment/tables.ts";
import { createValidator } from "../../experiment/validate.ts";

export type NeuronExperiment = Pick<Experiment, "network" | "chip" | "seed">;
export type ChipKind = Experiment["chip"]["kind"];

/** A chip behind a server is checked with the experiment that names its address: `grad-check <experiment.yaml>`. */
export const CHIP_KINDS: readonly ChipKind[] = [
  "software",
  ...CHIPS.map(({ kind }) => kind).filter((kind) => kind !== "remote"),
];

/** Time constants of one sweep, µs. */
export interface TimeConstants {
  readonly tauMem: number;
  readonly tauSyn: number;
}

/** Both regimes with a closed form; the first is the Yin-Yang experiment's. */
export const REGIMES: readonly TimeConstants[] = [
  { tauMem: 6, tauSyn: 6 },
  { tauMem: 12, tauSyn: 6 },
];

/**
 * Synapse rows of the input. Eight would reach beyond two critical weights; single synapses differ by some 8 % in
 * strength, which no calibration of neurons removes, and 32 of them together by 1.5 %.
 */
export const ROWS = 32;
/** Length of a trial, µs: the Yin-Yang experiment's. */
export const DURATION = 38;

export function neuronExperiment(
  { tauMem, tauSyn }: TimeConstants,
  chip: ChipKind,
  chipSeed: number,
): NeuronExperiment {
  return withDefaults({
    seed: chipSeed,
    chip: chip === "simulated" ? { kind: chip, seed: chipSeed } : { kind: chip },
    network: {
      duration: formatTime(DURATION),
      populations: {
        neuron: { model: "lif", size: 1, tauMem: formatTime(tauMem), tauSyn: formatTime(tauSyn) },
      },
      projections: { "input>neuron": { rows: ROWS, learningRate: 1, init: { kind: "constant", value: 0 } } },
    },
  });
}

/** Values as in a file → as the program computes with them, defaults filled in. */
function withDefaults(file: Record<keyof NeuronExperiment, unknown>): NeuronExperiment {
  const { seed, chip, network } = experimentSchema(TABLES).properties;
  const { problems, times } = createValidator(Type.Object({ seed, chip, network }))(file);
  const [problem] = problems;
  if (problem !== undefined) throw new UserError("usage", problem.message);
  for (const path of times) {
    let container = file as Record<string, unknown>;
    for (const part of path.slice(0, -1)) container = container[part] as Record<string, unknown>;
    const key = path.at(-1) as string;
    container[key] = parseTime(container[key] as string);
  }
  return file as NeuronExperiment;
}
