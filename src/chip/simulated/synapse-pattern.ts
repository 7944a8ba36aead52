/**
 * The fixed pattern of drivers and synapses of one instance: pulse strength of drivers and rows, the strength of
 * each synapse, and the transfer curve of its 6-bit weight converter. Rows are drawn when they are first used.
 *
 *     charge(row, synapse, w) = driver · row · synapse · curve(w),   curve(w) ≈ w
 */

import { stream } from "../../core/random.ts";
import { COLUMNS, DRIVERS, HEMISPHERES, QUADRANTS, ROWS, WEIGHT_MAX } from "../limits.ts";
import type { Effects } from "./effects.ts";

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
