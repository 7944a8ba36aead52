/**
 * The fast converter (MADC): 10 bit, one neuron, one sample per 34 ns, of its membrane or one of its synaptic
 * lines. Sources: docs/hardware.md, "MADC".
 *
 *     membrane: code = 105 + 2.5 v        synaptic line: code = 800 − 0.8 · w · dac / 600
 *
 * where w is the sum of the weights whose current flows on the line. Its offset and gain are those of one chip.
 */

import { stream } from "../../core/random.ts";
import { MADC_MAX, MADC_MAX_SAMPLES, MADC_PERIOD_US } from "../limits.ts";
import { NOMINAL_DAC_BIAS } from "../nominal.ts";
import type { Effects } from "./effects.ts";
import type { EntryNoise } from "./noise.ts";

const CODES_PER_LSB = 2.5;
const OFFSET = 105;
const LINE_REST = 800;
const LINE_CODES_PER_WEIGHT = 0.8;

export interface Madc {
  /** Times of the samples of an entry of `duration` µs. The array belongs to the converter. */
  times(duration: number): Float64Array;
  /**
   * Converts membrane potentials (LSB), or currents of a line.
   *
   * @param line undefined for the membrane; else current per weight unit (LSB/µs) and DAC bias of the line
   */
  convert(
    trace: Float32Array,
    count: number,
    line: { readonly perWeight: number; readonly dacBias: number } | undefined,
    out: Uint16Array,
    from: number,
    noise: EntryNoise,
  ): void;
}

/** @param readNoise sd of one read, MADC LSB */
export function createMadc(seed: number, effects: Effects, mismatch: number, readNoise: number): Madc {
  const draws = stream(seed, "chip/madc");
  const gain = Math.exp(mismatch * effects.madcGainSpread * draws.normal());
  const shift = mismatch * effects.madcOffsetSpreadLsb * draws.normal();
  let grid = new Float64Array(0);
  let normals = new Float32Array(0);

  return {
    times(duration) {
      const samples = Math.min(MADC_MAX_SAMPLES, Math.floor(duration / MADC_PERIOD_US + 1e-9) + 1);
      if (grid.length !== samples)
        grid = Float64Array.from({ length: samples }, (_, k) => k * MADC_PERIOD_US);
      return grid;
    },
    convert(trace, count, line, out, from, noise) {
      if (normals.length < count) normals = new Float32Array(count);
      if (readNoise > 0) noise.fillNormal(normals, count);
      const rest = (line === undefined ? OFFSET : LINE_REST) + shift;
      const slope =
        line === undefined
          ? CODES_PER_LSB * gain
          : line.perWeight === 0
            ? 0
            : (-LINE_CODES_PER_WEIGHT * gain * line.dacBias) / NOMINAL_DAC_BIAS / line.perWeight;
      for (let k = 0; k < count; k++) {
        const code = rest + slope * trace[k]! + readNoise * normals[k]!;
        out[from + k] = !(code > 0) ? 0 : code >= MADC_MAX ? MADC_MAX : (code + 0.5) | 0;
      }
    },
  };
}
