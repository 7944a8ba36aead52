/** What both kernels do with the request for samples before and after they run. */

import type { KernelInput } from "./kernel.ts";
import { type LanePlan, laneOf } from "./lanes.ts";

/** Sets samples at times outside [0, duration] to NaN; `values[k * width + i]` belong to `times[k]`, ascending. */
export function markIgnored(
  values: Float32Array,
  times: Float64Array,
  width: number,
  duration: number,
): void {
  for (let k = 0; k < times.length && times[k]! < 0; k++) values.fill(Number.NaN, k * width, (k + 1) * width);
  for (let k = times.length - 1; k >= 0 && times[k]! > duration; k--) {
    values.fill(Number.NaN, k * width, (k + 1) * width);
  }
}

/** Code of a trace's source in layout.ts: 0 membrane, 1 excitatory, 2 inhibitory current. */
export function traceCode(source: KernelInput["traceSource"]): number {
  return source === "membrane" ? 0 : source === "synapse-exc" ? 1 : 2;
}

export interface WantedVectors {
  readonly first: number;
  readonly end: number;
}

/** Vectors of a group from the first to behind the last that holds a neuron whose samples are wanted. */
export function wantedVectors(plan: LanePlan, group: number, sampled: Uint8Array | undefined): WantedVectors {
  let from = group === 0 ? 0 : plan.count0;
  let to = group === 0 ? plan.count0 : plan.count;
  if (sampled !== undefined) {
    while (from < to && sampled[from] === 0) from++;
    while (to > from && sampled[to - 1] === 0) to--;
  }
  return from === to
    ? { first: 0, end: 0 }
    : { first: laneOf(plan, from) >> 2, end: (laneOf(plan, to - 1) >> 2) + 1 };
}
