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
  /** [spike] V̇ after the release of the spike before, when there is one. */
  releaseSlope: Float64Array;
  /** [spike] Currents before it, forwards; p_E and p_I before it (later), backwards. */
  exc: Float64Array;
  inh: Float64Array;
  /** [spike] q of its release. */
  released: Float64Array;
  /** [spike · INTERVAL …] */
  intervals: Float64Array;
  /** [spike] Its arrivals begin here; those from `free` to `end` − 1 came when V was free. */
  begin: Int32Array;
  free: Int32Array;
  end: Int32Array;
  /** [spike] The wait of its first arrival; those of the others follow. */
  wait: Int32Array;
  /** [wait] e^{−rs} and, for those that came when V was free, K_r(s). */
  decays: Float64Array;
  responses: Float64Array;
}

export function layerTrace(spikes: number, waits: number): LayerTrace {
  return {
    slope: new Float64Array(spikes),
    releaseSlope: new Float64Array(spikes),
    exc: new Float64Array(spikes),
    inh: new Float64Array(spikes),
    released: new Float64Array(spikes),
    intervals: new Float64Array(spikes * INTERVAL),
    begin: new Int32Array(spikes),
    free: new Int32Array(spikes),
    end: new Int32Array(spikes),
    wait: new Int32Array(spikes),
    decays: new Float64Array(waits),
    responses: new Float64Array(waits),
  };
}
