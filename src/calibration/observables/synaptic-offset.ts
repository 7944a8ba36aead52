/**
 * Offset of a synaptic input: how far its current without events moves the resting potential, as the difference of
 * reads with the input on and off. A slow membrane shows it large: ΔV = τ_m I_offset
 * (electronicvisions/calix:src/py/calix/hagen/neuron_synin.py uses 60 µs for the same reason).
 */

import type { Sign } from "../../chip/nominal.ts";
import { leakSetting } from "../../chip/nominal.ts";
import type { CalibrationSession } from "../session.ts";
import { dithered, type WordChange } from "../words.ts";
import { readRest } from "./rest.ts";

const TAU_MEM = 50;

/** Conditions under which both reads are taken; the same codes for both. */
export function offsetConditions(session: CalibrationSession): WordChange {
  const slow = leakSetting(TAU_MEM);
  return {
    leakBias: dithered(slow.leakBias, session.draws),
    leakDivide: slow.leakDivide,
    leakMultiply: slow.leakMultiply,
  };
}

/** Resting potentials with both inputs off: what a read with a compensated input shall equal. */
export async function readInputsOff(
  session: CalibrationSession,
  conditions: WordChange,
  runs: number,
): Promise<Float64Array> {
  return readRest(session, { ...conditions, synExcOn: 0, synInhOn: 0 }, runs);
}

/** Resting potentials with only the input of one sign on. */
export async function readInputOn(
  session: CalibrationSession,
  conditions: WordChange,
  sign: Sign,
  change: WordChange,
  runs: number,
): Promise<Float64Array> {
  const on = sign === "exc" ? { synExcOn: 1, synInhOn: 0 } : { synExcOn: 0, synInhOn: 1 };
  return readRest(session, { ...conditions, ...on, ...change }, runs);
}
