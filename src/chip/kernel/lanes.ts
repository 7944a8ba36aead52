/**
 * Neurons in lanes: which lane a neuron has, and views of the lane arrays of layout.ts by name, through which the
 * loader fills the kernel's memory.
 */

import * as layout from "./layout.ts";

/** Lane arrays of real numbers, `array[lane]`. */
const REAL = {
  x: layout.X,
  ie: layout.IE,
  ii: layout.II,
  am: layout.AM,
  ae: layout.AE,
  ai: layout.AI,
  pe: layout.PE,
  pi: layout.PI,
  kick: layout.KICK,
  low: layout.LOW,
  high: layout.HIGH,
  near: layout.NEAR,
  rateM: layout.RATE_M,
  rateE: layout.RATE_E,
  rateI: layout.RATE_I,
  pe1: layout.PE_1,
  pe2: layout.PE_2,
  pe3: layout.PE_3,
  pe4: layout.PE_4,
  pi1: layout.PI_1,
  pi2: layout.PI_2,
  pi3: layout.PI_3,
  pi4: layout.PI_4,
  sigma: layout.SIGMA,
  diffusion: layout.DIFFUSION,
  roughness: layout.ROUGHNESS,
  kneeE: layout.KNEE_E,
  widthE: layout.WIDTH_E,
  bendE: layout.BEND_E,
  safeE: layout.SAFE_E,
  kneeI: layout.KNEE_I,
  widthI: layout.WIDTH_I,
  bendI: layout.BEND_I,
  safeI: layout.SAFE_I,
  node1E: layout.NODE_1_E,
  node2E: layout.NODE_2_E,
  node1I: layout.NODE_1_I,
  node2I: layout.NODE_2_I,
  weight1: layout.WEIGHT_1,
  weight2: layout.WEIGHT_2,
  threshold: layout.THRESHOLD,
  nearFree: layout.NEAR_FREE,
  reset: layout.RESET,
  refractory: layout.REFRACTORY,
  leak: layout.LEAK,
  start: layout.START,
  startX: layout.START_X,
  startSlope: layout.START_SLOPE,
  startBend: layout.START_BEND,
  ramp: layout.RAMP,
  extra: layout.EXTRA,
  bridge: layout.BRIDGE,
  freeFrom: layout.FREE_FROM,
  w: layout.W,
  expRate: layout.EXP_RATE,
  expThreshold: layout.EXP_THRESHOLD,
  expSteepness: layout.EXP_STEEPNESS,
  expCeiling: layout.EXP_CEILING,
  adaptRate: layout.ADAPT_RATE,
  adaptA: layout.ADAPT_A,
  adaptB: layout.ADAPT_B,
  adaptLeak: layout.ADAPT_LEAK,
} as const;

/** Lane arrays of integers. */
const INTEGER = {
  open: layout.OPEN,
  live: layout.LIVE,
  neuron: layout.NEURON,
  spikeRow: layout.SPIKE_ROW,
} as const;

export type Lanes = Readonly<Record<keyof typeof REAL, Float32Array>> &
  Readonly<Record<keyof typeof INTEGER, Int32Array>>;

/** Views of all lane arrays in a memory laid out as layout.ts says. */
export function laneViews(buffer: ArrayBuffer): Lanes {
  const views: Record<string, Float32Array | Int32Array> = {};
  for (const [name, address] of Object.entries(REAL)) {
    views[name] = new Float32Array(buffer, address, layout.LANES);
  }
  for (const [name, address] of Object.entries(INTEGER)) {
    views[name] = new Int32Array(buffer, address, layout.LANES);
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
