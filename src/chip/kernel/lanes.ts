/**
 * Neurons in lanes: which lane a neuron has, and views of the lane arrays of layout.ts by name, through which the
 * loader fills the kernel's memory.
 */

import { INTEGER_ARRAYS, REAL_ARRAYS } from "./lane-arrays.ts";
import { LANES } from "./layout.ts";

export type Lanes = Readonly<Record<keyof typeof REAL_ARRAYS, Float32Array>> &
  Readonly<Record<keyof typeof INTEGER_ARRAYS, Int32Array>>;

/** Views of all lane arrays in a memory laid out as layout.ts says. */
export function laneViews(buffer: ArrayBuffer): Lanes {
  const views: Record<string, Float32Array | Int32Array> = {};
  for (const [name, address] of Object.entries(REAL_ARRAYS)) {
    views[name] = new Float32Array(buffer, address, LANES);
  }
  for (const [name, address] of Object.entries(INTEGER_ARRAYS)) {
    views[name] = new Int32Array(buffer, address, LANES);
  }
  return views as unknown as Lanes;
}

/** How many neurons and vectors each group has. */
export interface LanePlan {
  /** Neurons of group 0, and of both. */
  readonly count0: number;
  readonly count: number;
  /** Vectors of 4 lanes of group 0, and of both. */
  readonly vectors0: number;
  readonly vectors: number;
}

/** Throws a plain Error when the groups do not ascend. */
export function planLanes(group: Uint8Array, count: number): LanePlan {
  let count0 = 0;
  while (count0 < count && group[count0] === 0) count0++;
  for (let neuron = count0; neuron < count; neuron++) {
    if (group[neuron] !== 1) throw new Error("neurons must be sorted by group, 0 before 1");
  }
  const vectors0 = (count0 + 3) >> 2;
  return { count0, count, vectors0, vectors: vectors0 + ((count - count0 + 3) >> 2) };
}

/** Lane of a neuron. */
export function laneOf(plan: LanePlan, neuron: number): number {
  return neuron < plan.count0 ? neuron : 4 * plan.vectors0 + neuron - plan.count0;
}
