/**
 * A network that is larger than a chip, run in parts that follow each other on one instance (mapping/partition.ts). All samples
 * of a call go through a part before the next one begins; the spikes that were recorded, with their stamps, losses and
 * latencies, are sent to the parts that want them. What the parts saw is put together to one observation of the network.
 */

import type { NetworkPart } from "../mapping/partition.ts";
import { type Network, withConstants } from "../network/network.ts";
import {
  type InputBatch,
  type Observation,
  pushSpike,
  pushVoltage,
  type SpikeList,
  spikeList,
  type VoltageSamples,
  voltageSamples,
} from "../network/observation.ts";
import { createObservation } from "../network/simulate.ts";
import type { Executor } from "./execution.ts";

/** A part, and how it is run. */
export interface RunningPart {
  readonly part: NetworkPart;
  readonly executor: Executor;
}

/** What was seen in a part, of all samples: those of sample s stand before end[s]. Indices are those of the whole network. */
interface Seen {
  readonly spikes: SpikeList;
  readonly spikeEnd: Int32Array;
  readonly inputs: SpikeList;
  readonly inputEnd: Int32Array;
  readonly voltages: VoltageSamples;
  readonly voltageEnd: Int32Array;
}

/** @param network the whole network as it is run, see `withConstantsOf` */
export function executorInRuns(network: Network, running: readonly RunningPart[]): Executor {
  const effective = new Float64Array(network.weights);
  const zeroed = new Int32Array(network.projections.length);
  const limited = new Int32Array(network.projections.length);
  const own = running.map(({ part }) => new Float64Array(part.network.weights));
  const observation = createObservation(network);
  const joined = network.projections.map((_, p) => {
    const { part, executor } = running.find((one) => one.part.projections.includes(p)) as RunningPart;
    const at = part.projections.indexOf(p);
    return { limit: executor.weightLimits[at]!, step: executor.weightSteps[at]! };
  });
  /** Input of each part that a source of the whole network is, −1 for none. */
  const inputOf = running.map(({ part }) => {
    const input = new Int32Array(network.inputs + network.neurons).fill(-1);
    part.sources.forEach((source, index) => {
      input[source] = index;
    });
    return input;
  });
  /** The part whose record of an input counts: the first to which it is sent. */
  const recordedBy = Int32Array.from({ length: network.inputs }, (_, input) =>
    inputOf.findIndex((inputs) => inputs[input]! >= 0),
  );

  return {
    network,
    weightLimits: Float64Array.from(joined, ({ limit }) => limit),
    weightSteps: Float64Array.from(joined, ({ step }) => step),
    async load(weights) {
      zeroed.fill(0);
      limited.fill(0);
      let saturated = 0;
      for (const [r, { part, executor }] of running.entries()) {
        const gathered = own[r]!;
        part.weights.forEach((weight, index) => {
          gathered[index] = weights[weight]!;
        });
        const loaded = await executor.load(gathered);
        saturated += loaded.saturated;
        part.weights.forEach((weight, index) => {
          effective[weight] = loaded.effective[index]!;
        });
        part.projections.forEach((p, index) => {
          zeroed[p] = zeroed[p]! + loaded.zeroed[index]!;
          limited[p] = limited[p]! + loaded.limited[index]!;
        });
      }
      return { saturated, effective, zeroed, limited };
    },
    async observe(inputs, run, visit, cost) {
      const seen: Seen[] = [];
      for (const [r, { part, executor }] of running.entries()) {
        const batch = inputsOf(inputs, seen, network.inputs, inputOf[r]!);
        const record = emptySeen(inputs.samples);
        // Runs are named apart, so that each has noise of its own.
        await executor.observe(
          batch,
          run * running.length + r,
          (sample, ofPart) => collect(record, sample, ofPart, part, recordedBy, r),
          cost,
        );
        seen.push(record);
      }
      for (let sample = 0; sample < inputs.samples; sample++) {
        join(observation, seen, sample);
        visit(sample, observation);
      }
    },
    async close() {
      for (const { executor } of running) await executor.close();
    },
  };
}

/** The whole network with the constants that its neurons have in the parts. @param run network of each part as it is run */
export function withConstantsOf(
  network: Network,
  parts: readonly NetworkPart[],
  run: readonly Network[],
): Network {
  const joined = <Arrays extends object>(arrays: (of: Network) => Arrays): Arrays =>
    Object.fromEntries(
      Object.keys(arrays(network)).map((name) => {
        const values = new Float64Array(network.neurons);
        parts.forEach(({ neurons }, r) => {
          const own = (arrays(run[r]!) as Record<string, Float64Array>)[name]!;
          neurons.forEach((neuron, index) => {
            values[neuron] = own[index]!;
          });
        });
        return [name, values];
      }),
    ) as Arrays;
  return withConstants(
    network,
    joined(({ constants }) => constants),
    joined(({ extra }) => extra),
  );
}

function emptySeen(samples: number): Seen {
  return {
    spikes: spikeList(1024),
    spikeEnd: new Int32Array(samples),
    inputs: spikeList(1024),
    inputEnd: new Int32Array(samples),
    voltages: voltageSamples(1024),
    voltageEnd: new Int32Array(samples),
  };
}

/** Keeps what a part saw in a sample, samples ascending. @param r number of the part */
function collect(
  record: Seen,
  sample: number,
  { inputs, spikes, voltages }: Observation,
  part: NetworkPart,
  recordedBy: Int32Array,
  r: number,
): void {
  for (let k = 0; k < spikes.count; k++) {
    pushSpike(record.spikes, spikes.time[k]!, part.neurons[spikes.index[k]!]!);
  }
  for (let k = 0; k < inputs.count; k++) {
    const source = part.sources[inputs.index[k]!]!;
    if (source < recordedBy.length && recordedBy[source] === r)
      pushSpike(record.inputs, inputs.time[k]!, source);
  }
  for (let k = 0; k < voltages.count; k++) {
    pushVoltage(record.voltages, part.neurons[voltages.neuron[k]!]!, voltages.time[k]!, voltages.value[k]!);
  }
  record.spikeEnd[sample] = record.spikes.count;
  record.inputEnd[sample] = record.inputs.count;
  record.voltageEnd[sample] = record.voltages.count;
}

/** A list in ascending time from which `merge` takes entries from … to − 1. */
interface Stream {
  readonly time: Float64Array;
  readonly index: Int32Array;
  /** Added to indices to make sources of them. */
  readonly shift: number;
  from: number;
  readonly to: number;
}

/** Takes all entries of the streams in ascending time; of equal times the earlier stream's first. */
function merge(streams: readonly Stream[], take: (time: number, source: number) => void): void {
  for (;;) {
    let next: Stream | undefined;
    for (const stream of streams) {
      if (stream.from === stream.to) continue;
      if (next === undefined || stream.time[stream.from]! < next.time[next.from]!) next = stream;
    }
    if (next === undefined) return;
    take(next.time[next.from]!, next.index[next.from]! + next.shift);
    next.from++;
  }
}

function streamOf({ time, index }: SpikeList, end: Int32Array, sample: number, shift: number): Stream {
  return { time, index, shift, from: sample === 0 ? 0 : end[sample - 1]!, to: end[sample]! };
}

/** Inputs of a part: those of the network, and what earlier parts sent. @param inputOf its input of each source, or −1 */
function inputsOf(inputs: InputBatch, seen: readonly Seen[], first: number, inputOf: Int32Array): InputBatch {
  const events = spikeList(inputs.time.length);
  const offset = new Int32Array(inputs.samples + 1);
  for (let sample = 0; sample < inputs.samples; sample++) {
    const external: Stream = {
      time: inputs.time,
      index: inputs.source,
      shift: 0,
      from: inputs.offset[sample]!,
      to: inputs.offset[sample + 1]!,
    };
    const recorded = seen.map(({ spikes, spikeEnd }) => streamOf(spikes, spikeEnd, sample, first));
    merge([external, ...recorded], (time, source) => {
      const input = inputOf[source]!;
      if (input >= 0) pushSpike(events, time, input);
    });
    offset[sample + 1] = events.count;
  }
  return { samples: inputs.samples, offset, time: events.time, source: events.index, id: inputs.id };
}

/** Overwrites `observation` with a sample of all parts. */
function join(observation: Observation, seen: readonly Seen[], sample: number): void {
  const { inputs, spikes, voltages } = observation;
  inputs.count = spikes.count = voltages.count = 0;
  merge(
    seen.map((record) => streamOf(record.inputs, record.inputEnd, sample, 0)),
    (time, source) => pushSpike(inputs, time, source),
  );
  merge(
    seen.map((record) => streamOf(record.spikes, record.spikeEnd, sample, 0)),
    (time, neuron) => pushSpike(spikes, time, neuron),
  );
  const pieces = seen
    .map(({ voltages: all, voltageEnd }) => ({
      all,
      from: sample === 0 ? 0 : voltageEnd[sample - 1]!,
      to: voltageEnd[sample]!,
    }))
    .filter(({ from, to }) => to > from)
    .sort((a, b) => a.all.neuron[a.from]! - b.all.neuron[b.from]!);
  for (const { all, from, to } of pieces) {
    for (let k = from; k < to; k++) pushVoltage(voltages, all.neuron[k]!, all.time[k]!, all.value[k]!);
  }
}
