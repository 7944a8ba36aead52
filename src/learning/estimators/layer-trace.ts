/**
 * A group of neurons of one layer on their way back, as tables without objects. Between the steps of the adjoint of
 * a layer: each of them reads what the one before has written.
 *
 * Own events of a neuron (not what arrives there) are its samples with a cotangent, its spikes, and the releases
 * that matter, ascending in time. V is held from a spike to its release, both included; samples there read V_r and
 * move with nothing, so they are left out.
 *
 * Every arrival waits for the next own event of its neuron, and so does the neuron from each of its events to the
 * next. All that is exponential in the adjoint is a property of such a wait.
 */

export const SAMPLE = 0;
export const SPIKE = 1;
export const RELEASE = 2;

/**
 * The steps count within an entry by plain numbers, and name imported ones once per call: in the loops an imported
 * constant costs a look-up wherever it stands.
 */

/** Numbers of an event: its kind, its entry in the observation, its waits from … to − 1, its earliest arrival. */
export const EVENT = 5;

/**
 * Numbers of a wait of s µs of a current with rate r: first a s, (r − a) s, nothing; then e^{−as}, e^{−rs} and
 * K_r(s) = a (e^{−as} − e^{−rs}) / (r − a); and the weight of the arrival that waits.
 */
export const WAIT = 4;

export interface LayerTrace {
  neurons: number;
  /** Position of each neuron in its population; its events are first[n] … first[n + 1] − 1. */
  column: Int32Array;
  first: Int32Array;
  /**
   * [event · EVENT …] Before the waits from … to − 1 of arrivals stand two of the neuron, one per current, from its
   * event before, unless nothing had arrived by then.
   */
  events: Int32Array;
  /** [event] V̇ before a spike or after a release, model units per µs. */
  slopes: Float64Array;
  /** [wait · WAIT …] */
  waits: Float64Array;
  /** [wait] Place of the weight; of arrivals only. */
  place: Int32Array;
  /** Number of waits. */
  count: number;
}

/** For a layer of `size` neurons. */
export function layerTrace(size: number): LayerTrace {
  return {
    neurons: 0,
    column: new Int32Array(size),
    first: new Int32Array(size + 1),
    events: new Int32Array(0),
    slopes: new Float64Array(0),
    waits: new Float64Array(0),
    place: new Int32Array(0),
    count: 0,
  };
}

/** Makes room; what the trace holds is lost. */
export function reserveTrace(trace: LayerTrace, events: number, waits: number): void {
  if (trace.slopes.length < events) {
    trace.events = new Int32Array(2 * events * EVENT);
    trace.slopes = new Float64Array(2 * events);
  }
  if (trace.place.length < waits) {
    trace.waits = new Float64Array(2 * waits * WAIT);
    trace.place = new Int32Array(2 * waits);
  }
}
