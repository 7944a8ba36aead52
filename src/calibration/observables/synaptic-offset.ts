/**
 * Offset of a synaptic input: how far its current without events moves the resting potential, as the difference of
 * reads with the input on and off. A slow membrane shows it large: ΔV = τ_m I_offset
 * (electronicvisions/calix:src/py/calix/hagen/neuron_synin.py uses 60 µs for the same reason).
 */

import type { Sign } from "../../chip/nominal.ts";
import { leakSetting } from "../../chip/nominal.ts";
import { dithered, type WordChange } from "../words.ts";
import type { Workbench } from "../workbench.ts";
import { readRest } from "./rest.ts";

const TAU_MEM = 50;

/** Conditions under which both reads are taken; the same codes for both. */
export function offsetConditions(bench: Workbench): WordChange {
  const slow = leakSetting(TAU_MEM);
  return {
    leakBias: dithered(slow.leakBias, bench.draws),
    leakDivide: slow.leakDivide,
    leakMultiply: slow.leakMultiply,
  };
}

/** Resting potentials with both inputs off: what a read with a compensated input shall equal. */
export async function readInputsOff(
  bench: Workbench,
  conditions: WordChange,
  runs: number,
): Promise<Float64Array> {
  return readRest(bench, { ...conditions, synExcOn: 0, synInhOn: 0 }, runs);
}

/** Resting potentials with only the input of one sign on. */
export async function readInputOn(
  bench: Workbench,
  conditions: WordChange,
  sign: Sign,
  change: WordChange,
  runs: number,
): Promise<Float64Array> {
  const on = sign === "exc" ? { synExcOn: 1, synInhOn: 0 } : { synExcOn: 0, synInhOn: 1 };
  return readRest(bench, { ...conditions, ...on, ...change }, runs);
}
