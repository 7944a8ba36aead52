/**
 * The fixed pattern of one instance: how its neurons, drivers and synapses deviate from the nominal laws (nominal.ts). All of
 * it is drawn from the chip's seed.
 */

import { stream } from "../../core/random.ts";
import { quadrantOf } from "../coordinates.ts";
import { COLUMNS, DRIVERS, HEMISPHERES, NEURONS, QUADRANTS, ROWS, WEIGHT_MAX } from "../limits.ts";
import { PARASITIC_CAPACITANCE, SHIFT_ZERO_CODE } from "../nominal.ts";
import type { Effects } from "./effects.ts";

// Neurons ---------------------------------------------------------------------------------------------------

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

// Drivers and synapses --------------------------------------------------------------------------------------

// The fixed pattern of drivers and synapses of one instance: pulse strength of drivers and rows, the strength of
// each synapse, and the transfer curve of its 6-bit weight converter. Rows are drawn when they are first used.
//
//     charge(row, synapse, w) = driver · row · synapse · curve(w),   curve(w) ≈ w

/** Transfer curves that the synapses of a chip share; each synapse has one of them. */
const CURVES = 64;
export const CURVE_LENGTH = WEIGHT_MAX + 1;

/** Synapses of one row, index = column. */
export interface SynapseRowPattern {
  readonly factor: Float32Array;
  /** Start of the synapse's curve in `SynapsePattern.curves`. */
  readonly curve: Uint16Array;
}

export interface SynapsePattern {
  /** Pulse strength of driver [hemisphere · 128 + driver] (256) and of row [hemisphere · 256 + row] (512). */
  readonly driver: Float64Array;
  readonly row: Float64Array;
  /** Factor of the DAC bias current, per quadrant. */
  readonly dacBias: Float64Array;
  /** curves[start + weight]: effective weight, 0 … 63, ascending. */
  readonly curves: Float32Array;
  /** Row index = hemisphere · 256 + row. */
  synapses(row: number): SynapseRowPattern;
}

/** @param mismatch factor on all spreads */
export function drawSynapsePattern(seed: number, effects: Effects, mismatch: number): SynapsePattern {
  const factors = (name: string, count: number, spread: number): Float64Array => {
    const draws = stream(seed, `chip/${name}`);
    return Float64Array.from({ length: count }, () => Math.exp(mismatch * spread * draws.normal()));
  };
  const rows = new Array<SynapseRowPattern | undefined>(HEMISPHERES * ROWS);
  const drawRow = (row: number): SynapseRowPattern => {
    const draws = stream(seed, "chip/synapse", row);
    const factor = new Float32Array(COLUMNS);
    const curve = new Uint16Array(COLUMNS);
    for (let column = 0; column < COLUMNS; column++) {
      factor[column] = Math.exp(mismatch * effects.weightSpread * draws.normal());
      curve[column] = CURVE_LENGTH * draws.below(CURVES);
    }
    return { factor, curve };
  };
  return {
    driver: factors("driver", HEMISPHERES * DRIVERS, effects.driverSpread),
    row: factors("row", HEMISPHERES * ROWS, effects.rowSpread),
    dacBias: factors("dac-bias", QUADRANTS, effects.dacBiasSpread),
    curves: drawCurves(seed, mismatch * effects.weightNonlinearityLsb),
    synapses(row) {
      rows[row] ??= drawRow(row);
      return rows[row];
    },
  };
}

/**
 * Curves from 0 to 63 whose steps are 1 plus normal errors, never negative. The error is a random walk tied at
 * both ends; over the 63 steps its mean square is step² · 63/6, which sets the size of the steps.
 *
 * @param rms root mean square deviation from the straight line, weight LSB
 */
function drawCurves(seed: number, rms: number): Float32Array {
  const draws = stream(seed, "chip/weight-curve");
  const stepSpread = rms / Math.sqrt(WEIGHT_MAX / 6);
  const curves = new Float32Array(CURVES * CURVE_LENGTH);
  const sums = new Float64Array(CURVE_LENGTH);
  for (let curve = 0; curve < CURVES; curve++) {
    for (let w = 1; w <= WEIGHT_MAX; w++) {
      sums[w] = sums[w - 1]! + Math.max(0, 1 + stepSpread * draws.normal());
    }
    const scale = WEIGHT_MAX / sums[WEIGHT_MAX]!;
    for (let w = 0; w <= WEIGHT_MAX; w++) curves[curve * CURVE_LENGTH + w] = sums[w]! * scale;
  }
  return curves;
}
