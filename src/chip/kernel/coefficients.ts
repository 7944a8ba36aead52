/**
 * From the neurons' constants to the coefficients of lanes: computed in f64, rounded once to f32. Both builds
 * of the kernel run on these numbers. Potentials of lanes are relative to the leak.
 *
 *     full step h:  e^(−h/τ)   P = ∫₀ʰ e^(−(h−t)/τ_m) e^(−t/τ_s) dt   noise σ √(1 − e^(−2h/τ_m))
 *     any d ≤ h:    P(d) = d Σₙ (−d)ⁿ Hₙ/(n+1)!,  Hₙ = Σₖ τ_m^(−k) τ_s^(k−n)   (complete homogeneous sums)
 *
 * One module, though long: every coefficient of a lane follows from the same constants, and the order of rounding is theirs.
 */

import type { KernelAdex, KernelNeurons } from "./kernel.ts";
import { INTEGER_ARRAYS, REAL_ARRAYS } from "./lane-arrays.ts";
import { LANES } from "./layout.ts";

/** Standard deviation of the sum of 4 independent uniform bytes: √(4 (256² − 1)/12). */
export const BYTES_DEVIATION = Math.sqrt(21845);
/** Largest d/τ for which the series of propagators.ts are used. */
const SERIES_RANGE = 0.1;
/** Membranes more than this many noise σ below threshold at both ends of a step are assumed not to cross it in between. */
const NEAR_NOISE = 2.5;
/**
 * How far a peak within a step may rise above both its ends, as a multiple of the rise h²/8 · ϑ/(τ_m τ_s) of a
 * membrane that turns at threshold. Strong currents (STRONG_E of the layout) may make it rise further.
 */
const NEAR_PEAK = 8;

/** ∫₀ᵈ e^(−(d−t)/τ_m) e^(−t/τ_s) dt, also for τ_m = τ_s. */
function responseOver(d: number, tauMem: number, tauSyn: number): number {
  const difference = d / tauMem - d / tauSyn;
  const mean = Math.abs(difference) < 1e-12 ? 1 : Math.expm1(difference) / difference;
  return d * Math.exp(-d / tauMem) * mean;
}

/** Number of halvings after which d/τ lies in the range of the series for all neurons. */
export function halvings(neurons: KernelNeurons, step: number): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < neurons.count; i++) {
    shortest = Math.min(shortest, neurons.tauMem[i]!, neurons.tauSynExc[i]!, neurons.tauSynInh[i]!);
  }
  let count = 0;
  for (let range = step / shortest; range > SERIES_RANGE; range /= 2) count++;
  return count;
}

/** Fills the lane arrays of coefficients for a step of `step` µs; state is left alone. */
export function fillCoefficients(lanes: Lanes, plan: LanePlan, neurons: KernelNeurons, step: number): void {
  clearDead(lanes, plan);
  for (let i = 0; i < neurons.count; i++) {
    const lane = laneOf(plan, i);
    const tauMem = neurons.tauMem[i]!;
    lanes.live[lane] = -1;
    lanes.neuron[lane] = i;
    lanes.am[lane] = Math.exp(-step / tauMem);
    lanes.rateM[lane] = -1 / tauMem;
    const exc = neurons.tauSynExc[i]!;
    const inh = neurons.tauSynInh[i]!;
    lanes.ae[lane] = Math.exp(-step / exc);
    lanes.ai[lane] = Math.exp(-step / inh);
    lanes.rateE[lane] = -1 / exc;
    lanes.rateI[lane] = -1 / inh;
    lanes.pe[lane] = responseOver(step, tauMem, exc);
    lanes.pi[lane] = responseOver(step, tauMem, inh);
    fillPolynomial(1 / tauMem, 1 / exc, lane, lanes.pe1, lanes.pe2, lanes.pe3, lanes.pe4);
    fillPolynomial(1 / tauMem, 1 / inh, lane, lanes.pi1, lanes.pi2, lanes.pi3, lanes.pi4);

    const noise = neurons.noise[i]!;
    const stepNoise = noise * Math.sqrt(-Math.expm1((-2 * step) / tauMem));
    lanes.sigma[lane] = noise / BYTES_DEVIATION;
    lanes.stepNoise[lane] = stepNoise / BYTES_DEVIATION;
    lanes.diffusion[lane] = (2 * noise * noise) / tauMem;
    lanes.roughness[lane] = (noise * Math.sqrt(2 / tauMem)) / BYTES_DEVIATION;

    lanes.refractory[lane] = neurons.refractory[i]!;
    fillSaturation(
      neurons.saturationExc[i]!,
      step / exc,
      lane,
      lanes.kneeE,
      lanes.widthE,
      lanes.bendE,
      lanes.safeE,
    );
    fillSaturation(
      neurons.saturationInh[i]!,
      step / inh,
      lane,
      lanes.kneeI,
      lanes.widthI,
      lanes.bendI,
      lanes.safeI,
    );
    const early = (step * (1 - Math.sqrt(1 / 3))) / 2;
    const late = step - early;
    lanes.node1E[lane] = Math.exp(-early / exc);
    lanes.node2E[lane] = Math.exp(-late / exc);
    lanes.node1I[lane] = Math.exp(-early / inh);
    lanes.node2I[lane] = Math.exp(-late / inh);
    lanes.weight1[lane] = (step / 2) * Math.exp(-late / tauMem);
    lanes.weight2[lane] = (step / 2) * Math.exp(-early / tauMem);
    lanes.expRate[lane] = 0;
  }
  fillPotentials(lanes, plan, neurons, step);
}

/**
 * The part of the coefficients that follows from leaks, thresholds and resets. Returns whether a neuron that could reach
 * its threshold no longer can, or the other way round.
 */
export function fillPotentials(lanes: Lanes, plan: LanePlan, neurons: KernelNeurons, step: number): boolean {
  const { railLow, railHigh, tauMem, tauSynExc, tauSynInh, adex } = neurons;
  // Looking up an array among so many costs more than what is done with it.
  const {
    leak: laneLeak,
    low: laneLow,
    high: laneHigh,
    reset: laneReset,
    stepNoise: noiseOfStep,
    nearThresholdFree,
  } = lanes;
  const { railHigh: railHighOfLane, strongE, bulgeE } = lanes;
  const laneThreshold = lanes.threshold;
  let changed = false;
  for (let i = 0; i < neurons.count; i++) {
    const lane = laneOf(plan, i);
    const leak = neurons.leak[i]!;
    const high = railHigh[i]! - leak;
    const reset = neurons.reset[i]! - leak;
    laneLeak[lane] = leak;
    laneLow[lane] = railLow[i]! - leak;
    railHighOfLane[lane] = high;
    laneReset[lane] = reset;
    const own = neurons.threshold[i]! - leak;
    const reachable = own <= high;
    const threshold = reachable ? own : Number.POSITIVE_INFINITY;
    laneHigh[lane] = reachable ? Number.POSITIVE_INFINITY : high;
    const turn = (step * step * Math.max(Math.abs(threshold), Math.abs(threshold - reset))) / 8;
    const peak = (NEAR_PEAK * turn) / (tauMem[i]! * Math.min(tauSynExc[i]!, tauSynInh[i]!));
    const stepNoise = noiseOfStep[lane]! * BYTES_DEVIATION;
    const margin = Math.max(NEAR_NOISE * stepNoise, peak);
    const bulge = ((step * step) / 8) * (1 / tauSynExc[i]! + 1 / tauMem[i]!);
    strongE[lane] = reachable ? margin / bulge : Number.POSITIVE_INFINITY;
    bulgeE[lane] = bulge;
    changed ||= laneThreshold[lane]! < Number.POSITIVE_INFINITY !== threshold < Number.POSITIVE_INFINITY;
    laneThreshold[lane] = threshold;
    nearThresholdFree[lane] = Math.min(reachable ? threshold - margin : high, high);
    if (adex !== undefined) fillAdex(lanes, lane, i, neurons, adex, Math.min(threshold, high));
  }
  return changed;
}

/** Lanes between and behind the groups: no dynamics, never near anything, not even a rail. */
function clearDead(lanes: Lanes, plan: LanePlan): void {
  for (let lane = 0; lane < 4 * plan.vectors; lane++) {
    if (lane < plan.count0 || (lane >= 4 * plan.vectors0 && lane < laneOf(plan, plan.count))) continue;
    for (const array of [
      lanes.live,
      lanes.leak,
      lanes.am,
      lanes.ae,
      lanes.ai,
      lanes.pe,
      lanes.pi,
      lanes.rateM,
      lanes.rateE,
      lanes.rateI,
      lanes.pe1,
      lanes.pe2,
      lanes.pe3,
      lanes.pe4,
      lanes.pi1,
      lanes.pi2,
      lanes.pi3,
      lanes.pi4,
      lanes.sigma,
      lanes.stepNoise,
      lanes.diffusion,
      lanes.roughness,
      lanes.reset,
      lanes.bendE,
      lanes.bendI,
      lanes.bulgeE,
    ]) {
      array[lane] = 0;
    }
    lanes.low[lane] = Number.NEGATIVE_INFINITY;
    for (const array of [
      lanes.high,
      lanes.railHigh,
      lanes.strongE,
      lanes.threshold,
      lanes.nearThresholdFree,
      lanes.kneeE,
      lanes.widthE,
      lanes.safeE,
      lanes.kneeI,
      lanes.widthI,
      lanes.safeI,
    ]) {
      array[lane] = Number.POSITIVE_INFINITY;
    }
    lanes.spikeRow[lane] = -1;
  }
}

function fillPolynomial(
  a: number,
  b: number,
  lane: number,
  p1: Float32Array,
  p2: Float32Array,
  p3: Float32Array,
  p4: Float32Array,
): void {
  const h1 = a + b;
  const h2 = a * h1 + b * b;
  const h3 = a * h2 + b * b * b;
  const h4 = a * h3 + b * b * b * b;
  p1[lane] = -h1 / 2;
  p2[lane] = h2 / 6;
  p3[lane] = -h3 / 24;
  p4[lane] = h4 / 120;
}

/** Shape of currents.ts: linear up to half the limit, then bent over twice that way. */
function fillSaturation(
  limit: number,
  decay: number,
  lane: number,
  knee: Float32Array,
  width: Float32Array,
  bend: Float32Array,
  safe: Float32Array,
): void {
  knee[lane] = limit / 2;
  width[lane] = limit;
  bend[lane] = 1 / (2 * limit);
  safe[lane] = 0.999 * (limit / 2) * Math.exp(-decay);
}

function fillAdex(
  lanes: Lanes,
  lane: number,
  neuron: number,
  neurons: KernelNeurons,
  adex: KernelAdex,
  ceiling: number,
): void {
  const slope = adex.expSlope[neuron]!;
  const leak = neurons.leak[neuron]!;
  lanes.expRate[lane] = slope / neurons.tauMem[neuron]!;
  lanes.expSteepness[lane] = slope > 0 ? 1 / slope : 0;
  lanes.expThreshold[lane] = adex.expThreshold[neuron]! - leak;
  lanes.expCeiling[lane] = ceiling;
  lanes.adaptRate[lane] = -1 / adex.adaptTau[neuron]!;
  lanes.adaptA[lane] = adex.adaptA[neuron]!;
  lanes.adaptB[lane] = adex.adaptB[neuron]!;
  lanes.adaptLeak[lane] = adex.adaptLeak[neuron]! - leak;
}

// Lanes -----------------------------------------------------------------------------------------------------

// Neurons in lanes: which lane a neuron has, and views of the lane arrays of layout.ts by name, through which the
// loader fills the kernel's memory.

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
