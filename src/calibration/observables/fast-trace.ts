/** Traces of the fast converter (MADC), folded at repeated moments and thinned by averaging neighbors. */

import { MADC_PERIOD_US } from "../../chip/limits.ts";
import type { Microseconds } from "../../core/units.ts";

/** Points of a thinned trace: enough for a fit, few enough for 512 of them. */
const POINTS = 120;

export interface FastTrace {
  /** Points, and converter samples behind each. */
  readonly length: number;
  readonly step: number;
  clear(): void;
  /** Adds the samples from `from` on. @param code samples of one entry, 34 ns apart */
  add(code: Uint16Array, from: Microseconds): void;
  mean(): Float64Array;
  /** Samples behind each point of the mean. */
  weight(): Float64Array;
}

export function createFastTrace(duration: Microseconds): FastTrace {
  const samples = Math.max(1, Math.floor(duration / MADC_PERIOD_US));
  const step = Math.max(1, Math.floor(samples / POINTS));
  const length = Math.floor(samples / step);
  const sum = new Float64Array(length);
  const count = new Float64Array(length);
  return {
    length,
    step,
    clear() {
      sum.fill(0);
      count.fill(0);
    },
    add(code, from) {
      const first = Math.ceil(from / MADC_PERIOD_US - 1e-9);
      const points = Math.min(length, Math.floor((code.length - first) / step));
      let at = first;
      for (let k = 0; k < points; k++) {
        let total = 0;
        for (let j = 0; j < step; j++) total += code[at++]!;
        sum[k]! += total;
        count[k]! += step;
      }
    },
    mean: () => sum.map((total, k) => total / Math.max(1, count[k]!)),
    weight: () => count.slice(),
  };
}
