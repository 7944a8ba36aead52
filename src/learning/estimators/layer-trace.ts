/**
 * Spikes of one layer and what arrives there, as tables without objects: written on the way forwards
 * (layer-slopes.ts), read on the way back (layer-adjoint.ts). In the loops an imported constant costs a look-up
 * wherever it stands, and an array its checks; hence the copies and the few numbers.
 *
 * A spike at t of a neuron that spiked before ends an interval: V is held until the release r of the spike before,
 * then free until t. Arrivals in the hold wait for r, the others for t. All that is exponential belongs to such a
 * wait, or to the hold or the free time as a whole.
 */

import { FLOW } from "./adjoint-flow.ts";

/** Numbers of an interval: the flow over the free time, then e^{−bs} and e^{−cs} over the hold. */
export const INTERVAL = FLOW + 2;

export interface LayerTrace {
  /** [spike of the timeline] V̇ before it. The arrays by spike hold values of the layer's own spikes only. */
  slope: Float64Array;
  /** [spike] V̇ after the release of the spike before; like the next two of neurons that spiked before only. */
  releaseSlope: Float64Array;
  /** [spike · INTERVAL …] */
  intervals: Float64Array;
  /** [spike] First arrival after the release of the spike before. */
  free: Int32Array;
  /** [spike] First arrival that is not before it. */
  end: Int32Array;
  /** [wait] e^{−rs} and, for those that came when V was free, K_r(s); by spike, then by arrival. */
  decays: Float64Array;
  responses: Float64Array;
  /** Number of waits. */
  waits: number;
  /** [neuron of the layer · 2 …] Currents I_e, I_i at its last spike so far, forwards; p_E and p_I there, backwards. */
  readonly state: Float64Array;
  /** [neuron of the layer] q of the release of its next spike. */
  readonly released: Float64Array;
}

/** For a layer of `size` neurons. */
export function layerTrace(size: number, spikes: number, waits: number): LayerTrace {
  return {
    slope: new Float64Array(spikes),
    releaseSlope: new Float64Array(spikes),
    intervals: new Float64Array(spikes * INTERVAL),
    free: new Int32Array(spikes),
    end: new Int32Array(spikes),
    decays: new Float64Array(waits),
    responses: new Float64Array(waits),
    waits: 0,
    state: new Float64Array(2 * size),
    released: new Float64Array(size),
  };
}
