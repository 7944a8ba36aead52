/**
 * The memory of the WebAssembly kernel as the loader sees it: buffers of chosen capacities behind the lane
 * arrays, their addresses in the header, and typed views of all of it.
 * The memory starts large enough for a chip (assembly/build.js says why) and grows for more.
 */

import { type Lanes, laneViews } from "./lanes.ts";
import * as layout from "./layout.ts";

const PAGE = 65536;
/** Room behind a buffer for the rest of a vector. */
const VECTOR = 16;

/** Capacities in entries. */
export interface Sizes {
  kicks: number;
  rows: number;
  events: number;
  samples0: number;
  samples1: number;
  traces: number;
  spikes: number;
}

/** Views into the present memory. */
export interface Views {
  readonly header: Int32Array;
  readonly lanes: Lanes;
  /** Lengths of the cut steps whose coefficients are kept, 0 where none is. */
  readonly cutLength: Float32Array;
  readonly kickExc: Float32Array;
  readonly kickInh: Float32Array;
  readonly eventTime: Float64Array;
  readonly eventRow: Int32Array;
  readonly sampleTime: readonly [Float64Array, Float64Array];
  readonly sample: readonly [Float32Array, Float32Array];
  readonly traceTime: Float64Array;
  readonly trace: Float32Array;
  readonly spikeTime: Float64Array;
  readonly spikeNeuron: Int32Array;
}

/** Lays out the buffers behind the lane arrays, growing the memory, and writes their addresses. */
export function layOut(memory: WebAssembly.Memory, sizes: Sizes): Views {
  let address = layout.BUFFERS;
  const take = (bytes: number): number => {
    const start = address;
    address += Math.ceil((bytes + VECTOR) / VECTOR) * VECTOR;
    return start;
  };
  // Kicks come first: they stay where they are when only buffers of a run grow.
  const addresses = {
    exc: take(4 * sizes.kicks),
    inh: take(4 * sizes.kicks),
    first: take(4 * sizes.rows),
    end: take(4 * sizes.rows),
    recurrent: take(4 * sizes.rows),
    eventTime: take(8 * sizes.events),
    eventRow: take(4 * sizes.events),
    time0: take(8 * sizes.samples0),
    time1: take(8 * sizes.samples1),
    traceTime: take(8 * sizes.traces),
    trace: take(4 * sizes.traces),
    spikeTime: take(8 * sizes.spikes),
    spikeNeuron: take(4 * sizes.spikes),
    sample0: take(4 * sizes.samples0),
    sample1: take(4 * sizes.samples1),
  };
  const missing = address - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  const buffer = memory.buffer;
  const header = new Int32Array(buffer, 0, layout.MEMBRANE_STREAM >> 2);
  const point = (field: number, to: number): void => {
    header[field >> 2] = to;
  };
  point(layout.ROW_EXC, addresses.exc);
  point(layout.ROW_INH, addresses.inh);
  point(layout.ROW_FIRST, addresses.first);
  point(layout.ROW_END, addresses.end);
  point(layout.ROW_RECURRENT, addresses.recurrent);
  point(layout.EVENT_TIME, addresses.eventTime);
  point(layout.EVENT_ROW, addresses.eventRow);
  point(layout.SAMPLE_TIME, addresses.time0);
  point(layout.SAMPLE_VALUE, addresses.sample0);
  point(layout.SAMPLE_CAPACITY, sizes.samples0);
  point(layout.SAMPLE_TIME + layout.GROUP_STRIDE, addresses.time1);
  point(layout.SAMPLE_VALUE + layout.GROUP_STRIDE, addresses.sample1);
  point(layout.SAMPLE_CAPACITY + layout.GROUP_STRIDE, sizes.samples1);
  point(layout.TRACE_TIME, addresses.traceTime);
  point(layout.TRACE_VALUE, addresses.trace);
  point(layout.TRACE_CAPACITY, sizes.traces);
  point(layout.SPIKE_TIME, addresses.spikeTime);
  point(layout.SPIKE_NEURON, addresses.spikeNeuron);
  point(layout.SPIKE_CAPACITY, sizes.spikes);
  return {
    header,
    lanes: laneViews(buffer),
    cutLength: new Float32Array(buffer, layout.CUT_LENGTH, layout.CUT_SLOTS),
    kickExc: new Float32Array(buffer, addresses.exc, sizes.kicks),
    kickInh: new Float32Array(buffer, addresses.inh, sizes.kicks),
    eventTime: new Float64Array(buffer, addresses.eventTime, sizes.events),
    eventRow: new Int32Array(buffer, addresses.eventRow, sizes.events),
    sampleTime: [
      new Float64Array(buffer, addresses.time0, sizes.samples0),
      new Float64Array(buffer, addresses.time1, sizes.samples1),
    ],
    sample: [
      new Float32Array(buffer, addresses.sample0, sizes.samples0),
      new Float32Array(buffer, addresses.sample1, sizes.samples1),
    ],
    traceTime: new Float64Array(buffer, addresses.traceTime, sizes.traces),
    trace: new Float32Array(buffer, addresses.trace, sizes.traces),
    spikeTime: new Float64Array(buffer, addresses.spikeTime, sizes.spikes),
    spikeNeuron: new Int32Array(buffer, addresses.spikeNeuron, sizes.spikes),
  };
}
