/**
 * Loader of the WebAssembly kernel: puts neurons, kicks and input into its memory at the addresses of
 * layout.ts, runs an entry and hands out views of the result. Buffers grow to what was asked for; the module
 * itself checks every capacity and returns a code, so nothing is ever written outside of them.
 */

import {
  checkCapacity,
  failure,
  MAX_EVENTS,
  MAX_NEURONS,
  MAX_ROWS,
  MAX_SAMPLES,
  MAX_SPIKES,
} from "./capacity.ts";
import { BYTES_DEVIATION, fillCoefficients, fillPotentials, halvings } from "./coefficients.ts";
import type { KernelInput, KernelNeurons, KernelOutput, KicksReach, MembraneKernel } from "./kernel.ts";
import { copyReached } from "./kick-memory.ts";
import { type LanePlan, laneOf, planLanes } from "./lanes.ts";
import * as layout from "./layout.ts";
import { SCALAR_WASM, SIMD_WASM } from "./membrane-wasm.ts";
import { markIgnored, traceCode, type WantedVectors, wantedVectors } from "./wanted.ts";
import { layOut, type Sizes } from "./wasm-memory.ts";

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
    kicks: 0,
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
  /** Of the kicks in memory. */
  let reach: KicksReach | undefined;
  let step = 0;
  let rowsPrepared = false;
  /** Vectors of each group that are wanted of these neurons. */
  let wanted: readonly WantedVectors[] | undefined;
  let wantedOf: Uint8Array | undefined;
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
    if (wanted === undefined || sampled !== wantedOf) {
      wantedOf = sampled;
      wanted = [wantedVectors(plan, 0, sampled), wantedVectors(plan, 1, sampled)];
    }
    for (let group = 0; group < 2; group++) {
      const times = input.sampleTime[group]!;
      const { first, end } = wanted[group]!;
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
      wanted = undefined;
      if (neurons !== undefined && neurons.count !== value.count) spikeRow = reach = undefined;
      neurons = value;
      placeNeurons();
      placeSpikeRows();
    },
    movePotentials() {
      if (neurons === undefined) throw new Error("potentials before neurons");
      if (fillPotentials(views.lanes, plan, neurons, step)) rowsPrepared = false;
    },
    setKicks(value) {
      if (neurons === undefined) throw new Error("kicks before neurons");
      checkCapacity("rows of kicks", value.rows, MAX_ROWS);
      const { count } = neurons;
      if (value.reach !== undefined && value.reach === reach) {
        const exc = copyReached(value.exc, views.kickExc, value.rows, count, reach);
        const inh = copyReached(value.inh, views.kickInh, value.rows, count, reach);
        if (exc || inh) rowsPrepared = false;
        return;
      }
      reach = value.reach;
      const entries = value.rows * count;
      if (entries > sizes.kicks || value.rows > sizes.rows) {
        sizes.kicks = Math.max(sizes.kicks, entries);
        sizes.rows = Math.max(sizes.rows, value.rows);
        views = layOut(module.memory, sizes);
      }
      views.header[layout.ROWS >> 2] = value.rows;
      views.kickExc.set(value.exc.length === entries ? value.exc : value.exc.subarray(0, entries));
      views.kickInh.set(value.inh.length === entries ? value.inh : value.inh.subarray(0, entries));
      spikeRow = value.spikeRow.slice(0, count);
      placeSpikeRows();
    },
    run(input): KernelOutput {
      if (neurons === undefined || spikeRow === undefined) {
        throw new Error("run before neurons and kicks are set");
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
