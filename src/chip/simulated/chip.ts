/**
 * The simulated chip: assembles registers, analog neurons, routing, kernel and converters behind the `Chip` seam.
 *
 *     configure: words → store                                          (words.ts)
 *     run: store → analog neurons → kernel neurons, jumps                       (network-state.ts)
 *          per entry: events in → kernel → events out, CADC, MADC       (event-input, event-output, cadc, madc)
 *
 * Batch entries start from rest with stationary noise: hosts wait between entries. Everything random in an
 * entry is named by (noise seed, run, entry), so the split of a batch does not change a bit.
 */

import { UserError } from "../../core/errors.ts";
import { quadrantOf } from "../coordinates.ts";
import type { KernelInput, MembraneKernel } from "../kernel/kernel.ts";
import { CAPMEM_MAX, MAX_RUNTIME_US, NEURONS, TICK_US } from "../limits.ts";
import type { Chip, ChipInfo, MadcRecording, Recording, RunOptions, SpikeBatch } from "../types.ts";
import { type AnalogNeurons, createAnalogNeurons } from "./analog-neurons.ts";
import { type Cadc, createCadc, createCadcRecorder } from "./cadc.ts";
import type { Effects } from "./effects.ts";
import { createEventInput, createEventOutput, type EmittedSpikes } from "./events.ts";
import { railsOf } from "./kernel-neurons.ts";
import { createMadc } from "./madc.ts";
import { drawSynapsePattern, type SynapsePattern } from "./mismatch.ts";
import { createNetworkState } from "./network-state.ts";
import { createEntryNoise, kernelKey } from "./noise.ts";
import { createWordStore, type WordStore } from "./words.ts";

export interface SimulationOptions {
  readonly info: ChipInfo;
  /** Seed of the fixed pattern, and of temporal noise; integers 0 … 2³²−1. */
  readonly seed: number;
  readonly noiseSeed: number;
  /** Factors on all static deviations and on all temporal noise; 0: none. */
  readonly mismatch: number;
  readonly noise: number;
  readonly effects: Effects;
  /** Longest step of the kernel's grid, µs; see kernel-neurons.ts. */
  readonly step: number;
}

/** The inside of a simulated chip, for the probe of tests (probe.ts). */
export interface SimulationInside {
  readonly words: WordStore;
  readonly analog: AnalogNeurons;
  readonly synapses: SynapsePattern;
  readonly cadc: Cadc;
}

export interface SimulatedChip extends Chip {
  readonly inside: SimulationInside;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Bytes of one recorded spike: one entry of the trace memory (docs/hardware.md). */
const SPIKE_BYTES = 8;
const NO_TIMES = new Float64Array(0);
const NO_SAMPLES = [NO_TIMES, NO_TIMES] as const;

export function createSimulatedChip(options: SimulationOptions, kernel: MembraneKernel): SimulatedChip {
  const { seed, mismatch, noise, effects } = options;
  const noiseSeed = mixSeeds(seed, options.noiseSeed);
  const words = createWordStore();
  const synapses = drawSynapsePattern(seed, effects, mismatch);
  const analog = createAnalogNeurons(seed, effects, mismatch, synapses.dacBias);
  const state = createNetworkState({
    kernel,
    words,
    analog,
    synapses,
    effects,
    noise,
    noiseSeed,
    rails: railsOf(effects, mismatch),
    longestStep: options.step,
  });
  const cadc = createCadc(seed, effects, mismatch);
  const recorder = createCadcRecorder(cadc, {
    read: noise * effects.cadcNoiseLsb,
    jitter: noise * effects.cadcJitterNs * 1e-3,
    phasePeriods: Math.min(1, noise * effects.cadcPhasePeriods),
  });
  const madc = createMadc(seed, effects, mismatch, noise * effects.madcNoiseLsb);
  const input = createEventInput();
  const output = createEventOutput();
  const entryNoise = createEntryNoise();
  const inputLoss = Math.min(1, noise * effects.inputLoss);
  const timing = {
    latency: mismatch * effects.spikeLatencyNs * 1e-3,
    jitter: noise * effects.spikeJitterNs * 1e-3,
    loss: Math.min(1, noise * effects.outputLoss),
  };
  const eventNoise = noise * effects.eventStrengthSpread;
  const kernelNoiseKey = new Uint32Array(4);
  const emitted: Mutable<EmittedSpikes> = { count: 0, time: NO_TIMES, neuron: new Int32Array(0) };
  let madcCode = new Uint16Array(0);
  let internalRun = 0;

  cadc.setWords(words.quadrants, words.cadcOffset);

  const runMembranes = (batch: SpikeBatch, runOptions: RunOptions, run: number): number => {
    const { entries, duration } = batch;
    const { spikes, noiseKey, madc: madcOptions } = runOptions;
    const traceTime = madcOptions === undefined ? NO_TIMES : madc.times(duration * TICK_US);
    const traces = traceTime.length;
    if (madcCode.length < entries * traces) madcCode = new Uint16Array(entries * traces);
    const line = madcLine(runOptions, analog, words, synapses);
    const { place, hostLabel, rowOf } = state;
    const kernelInput: Mutable<KernelInput> = {
      duration: duration * TICK_US,
      time: input.arrived.time,
      row: input.arrived.row,
      from: 0,
      to: 0,
      eventNoise,
      sampleTime: NO_SAMPLES,
      sampled: recorder.sampled,
      traceNeuron: madcOptions === undefined ? -1 : place[madcOptions.neuron]!,
      traceSource: madcOptions?.source ?? "membrane",
      traceTime,
      noiseKey: kernelNoiseKey,
    };
    let dropped = 0;

    for (let entry = 0; entry < entries; entry++) {
      const id = noiseKey?.sample[entry] ?? entry;
      entryNoise.start(noiseSeed, run, id);
      kernelKey(noiseSeed, run, id, kernelNoiseKey);
      input.accept(batch, entry, rowOf, inputLoss, entryNoise);
      dropped += input.arrived.dropped;
      kernelInput.time = input.arrived.time;
      kernelInput.row = input.arrived.row;
      kernelInput.to = input.arrived.count;
      kernelInput.sampleTime = recorder.drawTimes(entry, entryNoise);
      const result = kernel.run(kernelInput);
      if (spikes) {
        emitted.count = result.spikes;
        emitted.time = result.spikeTime;
        emitted.neuron = result.spikeNeuron;
        output.record(emitted, hostLabel, entry, duration, timing, entryNoise);
      }
      recorder.convert(entry, result, entryNoise);
      if (traces > 0) madc.convert(result.trace, traces, line, madcCode, entry * traces, entryNoise);
    }
    return dropped;
  };

  const runReference = (
    batch: SpikeBatch,
    reference: number,
    run: number,
    noiseKey: RunOptions["noiseKey"],
  ) => {
    for (let entry = 0; entry < batch.entries; entry++) {
      entryNoise.start(noiseSeed, run, noiseKey?.sample[entry] ?? entry);
      recorder.convertReference(entry, reference, entryNoise);
    }
  };

  return {
    info: options.info,
    inside: { words, analog, synapses, cadc },
    async configure(change) {
      const changes = words.write(change);
      state.changed(changes);
      if (changes.converters) cadc.setWords(words.quadrants, words.cadcOffset);
    },
    async run(batch, runOptions): Promise<Recording> {
      checkRun(batch, runOptions);
      const run = runOptions.noiseKey?.run ?? internalRun++;
      const reference = runOptions.cadc?.reference;
      output.clear();
      let droppedIn = 0;
      if (reference === undefined) {
        state.prepare(batch, runOptions, run);
        recorder.start(runOptions.cadc, state, batch.entries, batch.duration * TICK_US);
        droppedIn = runMembranes(batch, runOptions, run);
      } else {
        recorder.start(runOptions.cadc, state, batch.entries, batch.duration * TICK_US);
        runReference(batch, reference, run, runOptions.noiseKey);
      }
      const recorded = recorder.finish();
      return {
        spikes: output.recording,
        ...(recorded === undefined ? {} : { cadc: recorded.recording }),
        ...(runOptions.madc === undefined ? {} : { madc: madcRecording(batch, madc.times, madcCode) }),
        health: {
          droppedIn,
          droppedOut: output.dropped,
          cadcTruncated: recorded?.truncated ?? false,
          spikeBytes: SPIKE_BYTES * output.recording.count,
          cadcBytes: recorded?.bytes ?? 0,
        },
      };
    },
    async close() {},
  };
}

/** One 32-bit seed of two; different pairs rarely meet. */
function mixSeeds(seed: number, noiseSeed: number): number {
  return (Math.imul(seed ^ 0x2545f491, 0x9e3779b1) ^ noiseSeed) >>> 0;
}

function madcRecording(
  { entries, duration }: SpikeBatch,
  times: (duration: number) => Float64Array,
  code: Uint16Array,
): MadcRecording {
  const samples = times(duration * TICK_US).length;
  return { samples, code: code.subarray(0, entries * samples) };
}

/** Current per weight unit and DAC bias of the synaptic line that the MADC reads. */
function madcLine({ madc }: RunOptions, analog: AnalogNeurons, words: WordStore, synapses: SynapsePattern) {
  if (madc === undefined || madc.source === "membrane") return undefined;
  const { lineExc, lineInh } = analog.parameters;
  const quadrant = quadrantOf(madc.neuron);
  return {
    perWeight: (madc.source === "synapse-exc" ? lineExc : lineInh)[madc.neuron]!,
    dacBias: words.quadrants.synapseDacBias[quadrant]! * synapses.dacBias[quadrant]!,
  };
}

function checkRun(batch: SpikeBatch, { cadc, madc }: RunOptions): void {
  const runtime = batch.duration * TICK_US;
  if (!(runtime > 0 && runtime <= MAX_RUNTIME_US)) {
    throw new UserError("chip", `runtime of ${runtime} us: a chip runs for 0.008 … ${MAX_RUNTIME_US} us`);
  }
  if (cadc !== undefined) for (const neuron of cadc.recordedNeurons) checkNeuron(neuron);
  if (madc !== undefined) checkNeuron(madc.neuron);
  const reference = cadc?.reference;
  if (reference !== undefined && !(reference >= 0 && reference <= CAPMEM_MAX)) {
    throw new UserError("chip", `reference is ${reference}, must be 0 … ${CAPMEM_MAX}`);
  }
}

function checkNeuron(neuron: number): void {
  if (neuron >= 0 && neuron < NEURONS) return;
  throw new UserError("chip", `recorded neuron ${neuron}, must be 0 … ${NEURONS - 1}`);
}
