/**
 * The fixed pattern of the 512 neuron circuits of one instance: how each deviates from the laws in nominal.ts. Drawn
 * once from the chip's seed; every quantity has its own stream, so a changed magnitude leaves the others alone.
 *
 * Potentials: z · spread within the quadrant plus one draw per quadrant; leak, reset and threshold are correlated
 * within a neuron as on the real chip (docs/hardware.md, "Real chip"). Factors are log-normal with median 1.
 */

import { stream } from "../../core/random.ts";
import { quadrantOf } from "../coordinates.ts";
import { NEURONS, QUADRANTS } from "../limits.ts";
import { PARASITIC_CAPACITANCE, SHIFT_ZERO_CODE } from "../nominal.ts";
import type { Effects } from "./effects.ts";

/** One entry per neuron (512). */
export interface NeuronPattern {
  /** Offsets of the potentials at equal code, LSB. */
  readonly leak: Float64Array;
  readonly reset: Float64Array;
  readonly threshold: Float64Array;
  /** Shift of the leak potential per e-fold of the leak bias, LSB. */
  readonly leakBiasShift: Float64Array;
  /** Factors on the laws. */
  readonly tauMem: Float64Array;
  readonly tauSynExc: Float64Array;
  readonly tauSynInh: Float64Array;
  readonly strengthExc: Float64Array;
  readonly strengthInh: Float64Array;
  readonly offsetCurrent: Float64Array;
  /** LSB of the capacitance word. */
  readonly parasitic: Float64Array;
  /** Code at which the synaptic input has no offset current. */
  readonly shiftExc: Float64Array;
  readonly shiftInh: Float64Array;
  /** 1: the circuit is stuck at `stuckAt`, LSB. */
  readonly dead: Uint8Array;
  readonly stuckAt: Float64Array;
}

const LEAK_RESET_CORRELATION = 0.61;
const LEAK_THRESHOLD_CORRELATION = 0.21;
const RESET_THRESHOLD_CORRELATION = 0.28;

/** @param mismatch factor on all spreads */
export function drawNeuronPattern(seed: number, effects: Effects, mismatch: number): NeuronPattern {
  const normals = (name: string, count: number): Float64Array => {
    const draws = stream(seed, `chip/${name}`);
    return Float64Array.from({ length: count }, () => draws.normal());
  };
  const perNeuron = (value: (neuron: number) => number): Float64Array =>
    Float64Array.from({ length: NEURONS }, (_, neuron) => value(neuron));
  /** Sum of a neuron's and its quadrant's draw, each times its spread. */
  const spread = (own: Float64Array, within: number, quadrants: Float64Array, between: number) =>
    perNeuron((n) => mismatch * (within * own[n]! + between * quadrants[quadrantOf(n)]!));
  const factors = (logs: Float64Array): Float64Array => logs.map((log) => Math.exp(log));

  const leak = normals("leak", NEURONS);
  const [reset, threshold] = correlated(leak, normals("reset", NEURONS), normals("threshold", NEURONS));
  const tauSynQuadrant = normals("tau-syn-quadrant", QUADRANTS);
  const strengthQuadrant = normals("strength-quadrant", QUADRANTS);
  const strengthNeuron = normals("strength-neuron", NEURONS);
  const strength = (own: Float64Array): Float64Array => {
    const quadrant = spread(
      own,
      effects.strengthSignSpread,
      strengthQuadrant,
      effects.strengthQuadrantSpread,
    );
    const shared = mismatch * effects.strengthNeuronSpread;
    return factors(perNeuron((n) => quadrant[n]! + shared * strengthNeuron[n]!));
  };
  const shift = (own: Float64Array): Float64Array =>
    own.map((z) => SHIFT_ZERO_CODE + mismatch * effects.synapseShiftSpreadCodes * z);
  const alive = stream(seed, "chip/dead");
  const dead = Uint8Array.from({ length: NEURONS }, () =>
    alive.uniform() < mismatch * effects.deadFraction ? 1 : 0,
  );
  const stuck = stream(seed, "chip/stuck");
  const none = new Float64Array(QUADRANTS);

  return {
    leak: spread(
      leak,
      effects.leakSpreadLsb,
      normals("leak-quadrant", QUADRANTS),
      effects.leakQuadrantSpreadLsb,
    ),
    reset: spread(
      reset,
      effects.resetSpreadLsb,
      normals("reset-quadrant", QUADRANTS),
      effects.resetQuadrantSpreadLsb,
    ),
    threshold: spread(
      threshold,
      effects.thresholdSpreadLsb,
      normals("threshold-quadrant", QUADRANTS),
      effects.thresholdQuadrantSpreadLsb,
    ),
    leakBiasShift: spread(normals("leak-bias", NEURONS), effects.leakBiasShiftLsb, none, 0),
    tauMem: factors(
      spread(
        normals("tau-mem", NEURONS),
        effects.tauMemSpread,
        normals("tau-mem-quadrant", QUADRANTS),
        effects.tauMemQuadrantSpread,
      ),
    ),
    tauSynExc: factors(
      spread(
        normals("tau-syn-exc", NEURONS),
        effects.tauSynExcSpread,
        tauSynQuadrant,
        effects.tauSynQuadrantSpread,
      ),
    ),
    tauSynInh: factors(
      spread(
        normals("tau-syn-inh", NEURONS),
        effects.tauSynInhSpread,
        tauSynQuadrant,
        effects.tauSynQuadrantSpread,
      ),
    ),
    strengthExc: strength(normals("strength-exc", NEURONS)),
    strengthInh: strength(normals("strength-inh", NEURONS)),
    offsetCurrent: factors(spread(normals("offset-current", NEURONS), effects.offsetCurrentSpread, none, 0)),
    parasitic: factors(spread(normals("parasitic", NEURONS), effects.parasiticSpread, none, 0)).map(
      (factor) => PARASITIC_CAPACITANCE * factor,
    ),
    shiftExc: shift(normals("shift-exc", NEURONS)),
    shiftInh: shift(normals("shift-inh", NEURONS)),
    dead,
    stuckAt: perNeuron(() => 30 + 190 * stuck.uniform()),
  };
}

/** Second and third standard normal with the correlations of the real chip to the first (Cholesky rows). */
function correlated(
  first: Float64Array,
  second: Float64Array,
  third: Float64Array,
): readonly [Float64Array, Float64Array] {
  const r21 = LEAK_RESET_CORRELATION;
  const r22 = Math.sqrt(1 - r21 * r21);
  const r31 = LEAK_THRESHOLD_CORRELATION;
  const r32 = (RESET_THRESHOLD_CORRELATION - r31 * r21) / r22;
  const r33 = Math.sqrt(1 - r31 * r31 - r32 * r32);
  return [
    second.map((z, i) => r21 * first[i]! + r22 * z),
    third.map((z, i) => r31 * first[i]! + r32 * second[i]! + r33 * z),
  ];
}
