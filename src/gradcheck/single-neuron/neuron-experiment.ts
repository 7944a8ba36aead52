/**
 * The experiment of the paper's Figures 4 and 5 as the parts of an experiment file: one LIF neuron, one input, a
 * chip or none. Everything that is not named here has the default of the experiment schema.
 */

import { Type } from "@sinclair/typebox";
import { CHIPS } from "../../chip/index.ts";
import { UserError } from "../../core/errors.ts";
import { parseTime } from "../../core/units.ts";
import { chipSchema } from "../../spec/chip-schema.ts";
import type { Experiment } from "../../spec/schema.ts";
import { createValidator } from "../../spec/validate.ts";

export type NeuronExperiment = Pick<Experiment, "network" | "chip" | "seed">;
export type ChipKind = Experiment["chip"]["kind"];

export const CHIP_KINDS: readonly ChipKind[] = ["software", ...CHIPS.map(({ kind }) => kind)];

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
 * Synapse rows of the input: digital weights reach 63 times as far, beyond two critical weights in both regimes.
 */
export const ROWS = 8;
/** Length of a trial, µs: the Yin-Yang experiment's. */
export const DURATION = 38;

export function neuronExperiment(
  { tauMem, tauSyn }: TimeConstants,
  chip: ChipKind,
  chipSeed: number,
): NeuronExperiment {
  return {
    seed: chipSeed,
    chip: chipOf(chip, chipSeed),
    network: {
      duration: DURATION,
      populations: {
        neuron: { model: "lif", size: 1, tauMem, tauSyn, threshold: 1, reset: 0, refractory: 1 },
      },
      projections: { "input>neuron": { rows: ROWS, init: { mean: 0, std: 0 } } },
    },
  };
}

/** A chip with the defaults of an experiment file. */
function chipOf(kind: ChipKind, seed: number): Experiment["chip"] {
  const file: { chip: Record<string, unknown> } = { chip: kind === "simulated" ? { kind, seed } : { kind } };
  const { problems, times } = createValidator(Type.Object({ chip: chipSchema(CHIPS) }))(file);
  const [problem] = problems;
  if (problem !== undefined) throw new UserError("usage", `--chip ${kind}: ${problem.message}`);
  const { chip } = file;
  for (const path of times) {
    const key = path.at(-1) as string;
    chip[key] = parseTime(chip[key] as string);
  }
  return chip as Experiment["chip"];
}
