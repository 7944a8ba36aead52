/**
 * What the adjoint of a layer keeps of one sample.
 *
 * A spike at t of a neuron that spiked before ends an interval: V is held until the release r of the spike before,
 * then free until t. Arrivals in the hold wait for r, the others for t. All that is exponential belongs to such a
 * wait, or to the hold or the free time as a whole.
 */

import { FLOW } from "./adjoint-flow.ts";
import { workingArrays } from "./working-arrays.ts";

/**
 * Numbers of a spike: first V̇ before it, in model units per µs; then of its interval V̇ after the release, e^{−bs} and
 * e^{−cs} over the hold, and the flow over the free time.
 */
export const RELEASE_SLOPE = 1;
export const HOLD = 2;
export const FREE = 4;
export const SPIKE = FREE + FLOW;

/**
 * Numbers of a wait: e^{−bs}, or 0 where w < 0; e^{−cs}, or 0 where w ≥ 0; for arrivals when V was free K_r(s). So
 * the way back needs no weight, and the currents no choice.
 */
export const WAIT = 3;

export interface LayerTrace {
  /** [spike of the timeline · SPIKE …] The tables by spike hold values of the layer's own spikes only. */
  readonly spikes: Float64Array;
  /** [spike · 2 …] First arrival after the release of the spike before (0 without one); first that is not before it. */
  readonly bounds: Int32Array;
  /** [wait · WAIT …] Of the present neuron, in the order of arrivals, each of which waits once at most. */
  readonly waits: Float64Array;
  /** First spikes of the layer's neurons that spike once up to the horizon, and of the others; ascending in time. */
  readonly single: Int32Array;
  readonly several: Int32Array;
  singleCount: number;
  severalCount: number;
}

export const layerTrace = workingArrays(
  (room): LayerTrace => ({
    spikes: new Float64Array(room * SPIKE),
    bounds: new Int32Array(room * 2),
    waits: new Float64Array(room * WAIT),
    single: new Int32Array(room),
    several: new Int32Array(room),
    singleCount: 0,
    severalCount: 0,
  }),
);
