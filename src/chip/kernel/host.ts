/**
 * The kernel's host side: chooses and starts a build, keeps its memory, puts neurons, jumps and input there and hands out
 * views of what an entry gave. One module, though long: all of it is about that one memory.
 *
 * Buffers grow to what was asked for; the kernel itself checks every capacity and returns a code, so nothing is ever
 * written outside of them. The memory starts large enough for a chip (assembly/build.js says why).
 */

import { UserError } from "../../core/errors.ts";
import {
  BYTES_DEVIATION,
  fillCoefficients,
  fillPotentials,
  halvings,
  type LanePlan,
  type Lanes,
  laneOf,
  laneViews,
  planLanes,
} from "./coefficients.ts";
import type { KernelInput, KernelNeurons, KernelOutput, MembraneKernel, TargetRanges } from "./kernel.ts";
import * as layout from "./layout.ts";
import { SCALAR_WASM, SIMD_WASM } from "./membrane-wasm.ts";

// What a kernel holds.

/** Neurons of one chip. */
const MAX_NEURONS = 512;
/** Jumps are dense, rows × neurons; this many rows of 512 neurons are 16 MB. */
const MAX_ROWS = 4096;
const MAX_EVENTS = 1 << 20;
/** Per entry: spikes, and single sampled values of each group or trace. */
const MAX_SPIKES = 1 << 21;
const MAX_SAMPLES = 1 << 23;

/** Throws UserError("chip") when `wanted` is above `limit`. */
function checkCapacity(what: string, wanted: number, limit: number): void {
  if (wanted <= limit) return;
  throw new UserError("chip", `${wanted} ${what} are more than the ${limit} that the membrane kernel holds`, {
    hint: "Use fewer of them or shorter batch entries.",
  });
}

/** Turns a code of layout.ts into its error. */
function failure(code: number): Error {
  switch (code) {
    case layout.TOO_MANY_SPIKES:
      return new UserError("chip", `a batch entry has more than ${MAX_SPIKES} spikes`, {
        hint: "Check thresholds, resets and refractory times, or use shorter batch entries.",
      });
    case layout.TOO_MANY_SAMPLES:
      return new UserError("chip", "a batch entry has more samples than the membrane kernel holds", {
        hint: "Record fewer neurons or use shorter batch entries.",
      });
    case layout.TOO_MANY_NEURONS:
      return new UserError("chip", "neurons lie outside the membrane kernel");
    case layout.NO_SUCH_ROW:
      return new UserError("chip", "an event or a neuron triggers a row of jumps that does not exist");
    default:
      return new Error(`membrane kernel returned ${code}`);
  }
}

// Its memory.

const PAGE = 65536;
/** Room behind a buffer for the rest of a vector. */
const VECTOR = 16;

/** Capacities in entries. */
interface Sizes {
  jumps: number;
  rows: number;
  events: number;
  samples0: number;
  samples1: number;
  traces: number;
  spikes: number;
}

/** Views into the present memory. */
interface Views {
  readonly header: Int32Array;
  readonly lanes: Lanes;
  /** Lengths of the cut steps whose coefficients are kept, 0 where none is. */
  readonly cutLength: Float32Array;
  readonly jumpExc: Float32Array;
  readonly jumpInh: Float32Array;
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
function layOut(memory: WebAssembly.Memory, sizes: Sizes): Views {
  let address = layout.BUFFERS;
  const take = (bytes: number): number => {
    const start = address;
    address += Math.ceil((bytes + VECTOR) / VECTOR) * VECTOR;
    return start;
  };
  // Jumps come first: they stay where they are when only buffers of a run grow.
  const addresses = {
    exc: take(4 * sizes.jumps),
    inh: take(4 * sizes.jumps),
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
    jumpExc: new Float32Array(buffer, addresses.exc, sizes.jumps),
    jumpInh: new Float32Array(buffer, addresses.inh, sizes.jumps),
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

// Jumps on their way into it.

/** All bits but the sign. */
const SIZE = 0x7fffffff;

/**
 * Overwrites what rows reach in `into`. Returns whether a jump became 0 or ceased to be; on the bits of numbers, since
 * which jumps are 0 cannot be predicted and branches would cost more than all the rest.
 */
function copyReached(
  jumps: Float32Array,
  into: Float32Array,
  rows: number,
  count: number,
  { from, to }: TargetRanges,
): boolean {
  const source = bitsOf(jumps);
  const target = bitsOf(into);
  // Negated, all numbers but 0 have their sign bit set.
  let changed = 0;
  for (let row = 0; row < rows; row++) {
    const end = row * count + to[row]!;
    for (let k = row * count + from[row]!; k < end; k++) {
      const jump = source[k]!;
      changed |= -(jump & SIZE) ^ -(target[k]! & SIZE);
      target[k] = jump;
    }
  }
  return changed < 0;
}

function bitsOf({ buffer, byteOffset, length }: Float32Array): Int32Array {
  return new Int32Array(buffer, byteOffset, length);
}

// Samples that are asked for.

/** Sets samples at times outside [0, duration] to NaN; `values[k * width + i]` belong to `times[k]`, ascending. */
function markIgnored(values: Float32Array, times: Float64Array, width: number, duration: number): void {
  for (let k = 0; k < times.length && times[k]! < 0; k++) values.fill(Number.NaN, k * width, (k + 1) * width);
  for (let k = times.length - 1; k >= 0 && times[k]! > duration; k--) {
    values.fill(Number.NaN, k * width, (k + 1) * width);
  }
}

/** Code of a trace's source in layout.ts: 0 membrane, 1 excitatory, 2 inhibitory current. */
function traceCode(source: KernelInput["traceSource"]): number {
  return source === "membrane" ? 0 : source === "synapse-exc" ? 1 : 2;
}

interface SampledVectors {
  readonly first: number;
  readonly end: number;
}

/** Vectors of a group from the first to behind the last that holds a neuron whose samples are wanted. */
function sampledVectors(plan: LanePlan, group: number, sampled: Uint8Array | undefined): SampledVectors {
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

// The kernel.

/** Spikes of an entry that are expected; more cost one repetition. */
const FIRST_SPIKES = 4096;

interface Module {
  readonly memory: WebAssembly.Memory;
  prepareRows(): void;
  run(): number;
}

/** The modules, compiled when they are first asked for. */
const compiled: { simd?: WebAssembly.Module; scalar?: WebAssembly.Module } = {};

function compile(base64: string): WebAssembly.Module {
  return new WebAssembly.Module(Buffer.from(base64, "base64"));
}

/** Whether this machine runs the module with SIMD instructions; asked once. */
export function simdAvailable(): boolean {
  try {
    compiled.simd ??= compile(SIMD_WASM);
    return true;
  } catch {
    return false;
  }
}

function moduleOf(kind: MembraneKernel["kind"]): WebAssembly.Module {
  if (kind === "scalar") {
    compiled.scalar ??= compile(SCALAR_WASM);
    return compiled.scalar;
  }
  if (!simdAvailable()) throw new Error("WebAssembly SIMD is missing");
  return compiled.simd!;
}

/** So many views are kept of one array. */
const KEPT_VIEWS = 16;

/** Views of the first entries of an array, kept by their number: an entry of a batch has one of few. */
function createBeginnings(): (whole: Float32Array, length: number) => Float32Array {
  let of: Float32Array | undefined;
  const views = new Map<number, Float32Array>();
  return (whole, length) => {
    if (whole !== of || views.size > KEPT_VIEWS) views.clear();
    of = whole;
    let view = views.get(length);
    if (view === undefined) {
      view = whole.subarray(0, length);
      views.set(length, view);
    }
    return view;
  };
}

/** A kernel with its own memory. `"simd"` only where `simdAvailable()`. */
export function createWasmKernel(kind: MembraneKernel["kind"]): MembraneKernel {
  const instance = new WebAssembly.Instance(moduleOf(kind), {});
  const module = instance.exports as unknown as Module;
  const sizes: Sizes = {
    jumps: 0,
    rows: 0,
    events: 64,
    samples0: 4096,
    samples1: 4096,
    traces: 64,
    spikes: FIRST_SPIKES,
  };
  let views = layOut(module.memory, sizes);
  let plan: LanePlan = { count0: 0, count: 0, vectors0: 0, vectors: 0 };
  let neurons: KernelNeurons | undefined;
  let spikeRow: Int32Array | undefined;
  /** Of the jumps in memory. */
  let reach: TargetRanges | undefined;
  let step = 0;
  let rowsPrepared = false;
  /** Vectors of each group that are wanted of these neurons. */
  let sampledRanges: readonly SampledVectors[] | undefined;
  let sampledOf: Uint8Array | undefined;
  const beginnings = [createBeginnings(), createBeginnings(), createBeginnings()] as const;
  const eventNoise = new Float32Array(1);
  const eventNoiseBits = new Int32Array(eventNoise.buffer);
  const reals = new Float64Array(1);
  const realBits = new Int32Array(reals.buffer);

  const setReal = (field: number, value: number): void => {
    reals[0] = value;
    views.header[field >> 2] = realBits[0]!;
    views.header[(field >> 2) + 1] = realBits[1]!;
  };

  const placeNeurons = (): void => {
    if (neurons === undefined) return;
    const { header, lanes } = views;
    header[layout.VECTORS_0 >> 2] = plan.vectors0;
    header[layout.VECTORS >> 2] = plan.vectors;
    header[layout.COUNT_0 >> 2] = plan.count0;
    header[layout.COUNT >> 2] = plan.count;
    header[layout.HALVINGS >> 2] = halvings(neurons, step);
    header[layout.ADEX >> 2] = neurons.adex === undefined ? 0 : 1;
    fillCoefficients(lanes, plan, neurons, step);
    views.cutLength.fill(0);
    rowsPrepared = false;
  };

  const placeSpikeRows = (): void => {
    if (spikeRow === undefined || neurons === undefined) return;
    for (let neuron = 0; neuron < neurons.count; neuron++) {
      views.lanes.spikeRow[laneOf(plan, neuron)] = spikeRow[neuron]!;
    }
    rowsPrepared = false;
  };

  const growFor = (input: KernelInput): void => {
    const events = Math.max(0, input.to - input.from);
    const samples0 = input.sampleTime[0].length * Math.max(1, plan.count0);
    const samples1 = input.sampleTime[1].length * Math.max(1, plan.count - plan.count0);
    const traces = input.traceNeuron < 0 ? 0 : input.traceTime.length;
    checkCapacity("events", events, MAX_EVENTS);
    checkCapacity("sampled values", Math.max(samples0, samples1, traces), MAX_SAMPLES);
    if (
      events <= sizes.events &&
      samples0 <= sizes.samples0 &&
      samples1 <= sizes.samples1 &&
      traces <= sizes.traces
    ) {
      return;
    }
    sizes.events = Math.max(sizes.events, events);
    sizes.samples0 = Math.max(sizes.samples0, samples0);
    sizes.samples1 = Math.max(sizes.samples1, samples1);
    sizes.traces = Math.max(sizes.traces, traces);
    views = layOut(module.memory, sizes);
  };

  const placeInput = (input: KernelInput): void => {
    const { header, eventTime, eventRow, traceTime } = views;
    const { time, row, from, sampled } = input;
    setReal(layout.STEP, step);
    setReal(layout.DURATION, input.duration);
    eventNoise[0] = input.eventNoise / BYTES_DEVIATION;
    header[layout.EVENT_NOISE >> 2] = eventNoiseBits[0]!;
    for (let word = 0; word < 4; word++) header[(layout.NOISE_KEY >> 2) + word] = input.noiseKey[word]!;
    const events = Math.max(0, input.to - from);
    header[layout.EVENTS >> 2] = events;
    for (let k = 0; k < events; k++) {
      eventTime[k] = time[from + k]!;
      eventRow[k] = row[from + k]!;
    }
    if (sampledRanges === undefined || sampled !== sampledOf) {
      sampledOf = sampled;
      sampledRanges = [sampledVectors(plan, 0, sampled), sampledVectors(plan, 1, sampled)];
    }
    for (let group = 0; group < 2; group++) {
      const times = input.sampleTime[group]!;
      const { first, end } = sampledRanges[group]!;
      const at = group * layout.GROUP_STRIDE;
      header[(layout.SAMPLES + at) >> 2] = first === end ? 0 : times.length;
      header[(layout.SAMPLE_FIRST + at) >> 2] = first;
      header[(layout.SAMPLE_END + at) >> 2] = end;
      if (times.length > 0) views.sampleTime[group]!.set(times);
    }
    const traces = input.traceNeuron < 0 ? 0 : input.traceTime.length;
    header[layout.TRACES >> 2] = traces;
    header[layout.TRACE_LANE >> 2] = input.traceNeuron < 0 ? 0 : laneOf(plan, input.traceNeuron);
    header[layout.TRACE_SOURCE >> 2] = traceCode(input.traceSource);
    for (let k = 0; k < traces; k++) traceTime[k] = input.traceTime[k]!;
  };

  const runGrowing = (input: KernelInput): void => {
    placeInput(input);
    let code = module.run();
    // The same noise is drawn again, so a second run with more room repeats the first exactly.
    while (code === layout.TOO_MANY_SPIKES && sizes.spikes < MAX_SPIKES) {
      sizes.spikes = Math.min(MAX_SPIKES, 4 * sizes.spikes);
      views = layOut(module.memory, sizes);
      placeInput(input);
      code = module.run();
    }
    if (code !== layout.OK) throw failure(code);
  };

  return {
    kind,
    setNeurons(value, newStep) {
      checkCapacity("neurons", value.count, MAX_NEURONS);
      if (!(newStep > 0)) throw new Error(`step of ${newStep} µs`);
      step = newStep;
      plan = planLanes(value.group, value.count);
      sampledRanges = undefined;
      if (neurons !== undefined && neurons.count !== value.count) spikeRow = reach = undefined;
      neurons = value;
      placeNeurons();
      placeSpikeRows();
    },
    movePotentials() {
      if (neurons === undefined) throw new Error("potentials before neurons");
      if (fillPotentials(views.lanes, plan, neurons, step)) rowsPrepared = false;
    },
    setJumps(value) {
      if (neurons === undefined) throw new Error("jumps before neurons");
      checkCapacity("rows of jumps", value.rows, MAX_ROWS);
      const { count } = neurons;
      if (value.reach !== undefined && value.reach === reach) {
        const exc = copyReached(value.exc, views.jumpExc, value.rows, count, reach);
        const inh = copyReached(value.inh, views.jumpInh, value.rows, count, reach);
        if (exc || inh) rowsPrepared = false;
        return;
      }
      reach = value.reach;
      const entries = value.rows * count;
      if (entries > sizes.jumps || value.rows > sizes.rows) {
        sizes.jumps = Math.max(sizes.jumps, entries);
        sizes.rows = Math.max(sizes.rows, value.rows);
        views = layOut(module.memory, sizes);
      }
      views.header[layout.ROWS >> 2] = value.rows;
      views.jumpExc.set(value.exc.length === entries ? value.exc : value.exc.subarray(0, entries));
      views.jumpInh.set(value.inh.length === entries ? value.inh : value.inh.subarray(0, entries));
      spikeRow = value.spikeRow.slice(0, count);
      placeSpikeRows();
    },
    run(input): KernelOutput {
      if (neurons === undefined || spikeRow === undefined) {
        throw new Error("run before neurons and jumps are set");
      }
      growFor(input);
      if (!rowsPrepared) {
        module.prepareRows();
        rowsPrepared = true;
      }
      runGrowing(input);
      const [times0, times1] = input.sampleTime;
      const count1 = plan.count - plan.count0;
      markIgnored(views.sample[0], times0, plan.count0, input.duration);
      markIgnored(views.sample[1], times1, count1, input.duration);
      const traces = input.traceNeuron < 0 ? 0 : input.traceTime.length;
      if (traces > 0) markIgnored(views.trace, input.traceTime, 1, input.duration);
      return {
        spikes: views.header[layout.SPIKES >> 2]!,
        spikeTime: views.spikeTime,
        spikeNeuron: views.spikeNeuron,
        sample: [
          beginnings[0](views.sample[0], times0.length * plan.count0),
          beginnings[1](views.sample[1], times1.length * count1),
        ],
        trace: beginnings[2](views.trace, traces),
      };
    },
  };
}

export interface KernelOptions {
  /** `"simd"` by default; `"scalar"` for tests, or to see what a machine without SIMD would do. */
  readonly prefer?: MembraneKernel["kind"];
}

/**
 * A kernel with its own memory; kernels share nothing, one per worker. The build with SIMD instructions where it runs, else
 * the one without, with the same results.
 */
export function createKernel({ prefer = "simd" }: KernelOptions = {}): MembraneKernel {
  return createWasmKernel(prefer === "simd" && simdAvailable() ? "simd" : "scalar");
}
