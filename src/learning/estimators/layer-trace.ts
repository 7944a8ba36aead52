/**
 * Spikes of one layer and what arrives there, as tables without objects: written on the way forwards
 * (layer-intervals.ts, layer-slopes.ts), read on the way back (layer-adjoint.ts). Every table costs its checks
 * wherever a loop reads it, and every imported constant a look-up; hence few wide tables and the copies of constants.
 *
 * A spike at t of a neuron that spiked before ends an interval: V is held until the release r of the spike before,
 * then free until t. Arrivals in the hold wait for r, the others for t. All that is exponential belongs to such a
 * wait, or to the hold or the free time as a whole.
 */

import type { Population } from "../../network/network.ts";
import { CONSTANTS, RESET } from "./adjoint-constants.ts";
import { FLOW } from "./adjoint-flow.ts";

/**
 * Numbers of a spike: first V̇ before it, in model units per µs; then of its interval V̇ after the release, e^{−bs} and
 * e^{−cs} over the hold, and the flow over the free time.
 */
export const RELEASE_SLOPE = 1;
export const HOLD = 2;
export const FREE = 4;
export const SPIKE = FREE + FLOW;

/**
 * Numbers of a neuron: its first constants, as in adjoint-constants.ts; then forwards I_e and I_i at its last spike so
 * far, backwards p_E and p_I there, and q.
 */
export const NEURON = RESET + 4;
export const EXC = RESET + 1;
export const INH = RESET + 2;
export const RELEASED = RESET + 3;

export interface LayerTrace {
  /** [spike of the timeline · SPIKE …] The tables by spike hold values of the layer's own spikes only. */
  spikes: Float64Array;
  /** [spike · 2 …] First arrival after the release of the spike before (0 without one); first that is not before it. */
  bounds: Int32Array;
  /** [wait · 2 …] e^{−rs} and, for arrivals when V was free, K_r(s); by spike, then by arrival. */
  waits: Float64Array;
  /** Number of waits. */
  count: number;
  /** [neuron of the layer · NEURON …] */
  readonly neurons: Float64Array;
}

/** For a layer whose neurons have these numbers. */
export function layerTrace(neurons: Float64Array, spikes: number, waits: number): LayerTrace {
  return {
    spikes: new Float64Array(spikes * SPIKE),
    bounds: new Int32Array(spikes * 2),
    waits: new Float64Array(waits * 2),
    count: 0,
    neurons,
  };
}

/** Numbers of the neurons of a layer, from the constants of all neurons. */
export function layerNeurons({ start, size }: Population, constants: Float64Array): Float64Array {
  const neurons = new Float64Array(size * NEURON);
  for (let column = 0; column < size; column++) {
    const at = (start + column) * CONSTANTS;
    neurons.set(constants.subarray(at, at + RESET + 1), column * NEURON);
  }
  return neurons;
}
