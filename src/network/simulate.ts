/**
 * The exact software forward pass: input spikes and weights in, observation out. No time step, no noise, no
 * chip; double precision. It is the reference for simulated chips and the forward pass of software runs.
 *
 *     inputs ─▶ arrivals ─▶ spikes, stage by stage ─▶ voltages, population by population ─▶ Observation
 *
 * The model is that of network.ts; between events it moves in closed form (src/neuron), and spikes are the
 * exact first crossings. Stages without recurrence go neuron by neuron, recurrent ones event by event. Stages with
 * other models than LIF and LI, with delays or with learned constants go the general way (general-spikes.ts).
 */

import type { Microseconds } from "../core/units.ts";
import { isClosedForm } from "./adaptive-neurons.ts";
import { type Arrivals, collectArrivals, emptyArrivals } from "./arrivals.ts";
import { createGeneralRecorder } from "./general-record.ts";
import { createGeneralSpikes } from "./general-spikes.ts";
import { type Stage, stagesOf, targetsIn } from "./graph.ts";
import type { Network, Population } from "./network.ts";
import {
  type Observation,
  pushSpike,
  type RecordingRequest,
  type SpikeList,
  spikeList,
  type VoltageSamples,
  voltageSamples,
} from "./observation.ts";
import { createPopulationSpikes } from "./population-spikes.ts";
import { createVoltageRecorder } from "./record-voltages.ts";
import { createRecurrentSpikes } from "./recurrent-spikes.ts";
import { mergeSpikes, sortSpikes } from "./spike-order.ts";

/** Input spikes of one sample: entries from … to − 1 of a batch's arrays, ascending in time. */
export interface InputSlice {
  /** µs, ≥ 0. */
  readonly time: Float64Array;
  readonly source: Int32Array;
  readonly from: number;
  readonly to: number;
}

export interface Simulator {
  /**
   * Runs one sample and overwrites `out`, whose buffers grow as needed. `weights` is laid out as in
   * `Projection.offset`, and is followed by what else the network learns (parameters.ts); `record` has one entry per population, in the order of the network.
   *
   * Reported: input spikes before `duration`; all spikes before `duration`, ascending, equal times by
   * ascending stage and neuron; for each population its samples, see `RecordingRequest`. A maximum of a spiking
   * neuron is ϑ at its first spike. A sample at the time of a spike shows the reset.
   *
   * Throws a UserError `diverged` on more than SPIKE_LIMIT spikes or a membrane that is not finite.
   */
  run(weights: Float64Array, inputs: InputSlice, record: readonly RecordingRequest[], out: Observation): void;
}

/** Fresh buffers for the observations of a network. */
export function createObservation(network: Network): Observation {
  return {
    duration: network.duration,
    inputs: spikeList(64),
    spikes: spikeList(256),
    voltages: voltageSamples(network.neurons),
  };
}

/** Computes the spikes of a stage, ascending, from those of inputs and of stages before; returns arrivals after the end. */
type StageSpikes = (weights: Float64Array, inputs: SpikeList, spikes: SpikeList, out: SpikeList) => number;

/** Records membranes of a population: at ascending times, or their maxima. */
type Record = (
  weights: Float64Array,
  inputs: SpikeList,
  spikes: SpikeList,
  times: Float64Array,
  maximum: boolean,
  out: VoltageSamples,
) => void;

export function createSimulator(network: Network): Simulator {
  const { duration, populations } = network;
  const all = stagesOf(network);
  const arrivals = emptyArrivals();
  const stages = all
    .filter((stage) => stage.populations.some(({ model }) => model.spikes))
    .map((stage) => stageSpikes(network, stage, arrivals));
  const recorders = populations.map((population) => {
    const stage = all.find((each) => each.populations.includes(population)) as Stage;
    if (!isClosedForm(network, stage)) return createGeneralRecorder(network, population).run;
    return closedFormRecorder(network, population, arrivals);
  });
  const sampleTimes = populations.map(() => createSampleTimes(duration));
  const found = spikeList(256);

  return {
    run(weights, inputs, record, out) {
      copyInputs(inputs, duration, out.inputs);
      out.spikes.count = 0;
      out.lateArrivals = 0;
      for (const stage of stages) {
        out.lateArrivals += stage(weights, out.inputs, out.spikes, found);
        dropLate(found, duration);
        mergeSpikes(out.spikes, found);
      }
      out.voltages.count = 0;
      out.voltages.areMaxima = record.some(({ kind }) => kind === "maximum");
      for (let p = 0; p < populations.length; p++) {
        const request = record[p]!;
        if (request.kind === "none") continue;
        const times = sampleTimes[p]!.of(request);
        recorders[p]!(weights, out.inputs, out.spikes, times, request.kind === "maximum", out.voltages);
      }
    },
  };
}

const NO_MARKS = new Float64Array(0);

function stageSpikes(network: Network, stage: Stage, arrivals: Arrivals): StageSpikes {
  const { populations, recurrent } = stage;
  const scratch = spikeList(64);
  if (!isClosedForm(network, stage)) {
    const general = createGeneralSpikes(network, stage);
    return (weights, inputs, spikes, out) => {
      const late = general.run(weights, inputs, spikes, out);
      if (!recurrent) sortSpikes(out, scratch);
      return late;
    };
  }
  const fan = targetsIn(network, populations);
  const pass = recurrent
    ? createRecurrentSpikes(network, populations)
    : createPopulationSpikes(network, populations[0]!);
  return (weights, inputs, spikes, out) => {
    collectArrivals(arrivals, fan, network.inputs, inputs, spikes, NO_MARKS, network.duration);
    pass.run(weights, arrivals, out);
    if (!recurrent) sortSpikes(out, scratch);
    return 0;
  };
}

function closedFormRecorder(network: Network, population: Population, arrivals: Arrivals): Record {
  const fan = targetsIn(network, [population]);
  const recorder = createVoltageRecorder(network, population);
  return (weights, inputs, spikes, times, maximum, out) => {
    collectArrivals(arrivals, fan, network.inputs, inputs, spikes, times, network.duration);
    recorder.run(weights, arrivals, spikes, maximum, out);
  };
}

function copyInputs({ time, source, from, to }: InputSlice, duration: number, out: SpikeList): void {
  out.count = 0;
  let last = 0;
  for (let k = from; k < to; k++) {
    const now = time[k]!;
    if (!(now >= last)) throw new Error(`input spike ${k - from} at ${now} us after one at ${last} us`);
    if (now >= duration) break;
    pushSpike(out, now, source[k]!);
    last = now;
  }
}

/** A crossing in the last gap may fall on the end of the sample. */
function dropLate(spikes: SpikeList, duration: number): void {
  while (spikes.count > 0 && spikes.time[spikes.count - 1]! >= duration) spikes.count--;
}

// The times of samples --------------------------------------------------------------------------------------

// The times at which a `RecordingRequest` asks for voltage samples. They are computed again only when the request changes.

export interface SampleTimes {
  /** Ascending; empty for `none` and `maximum`. Throws a plain Error on times outside [0, duration]. */
  of(request: RecordingRequest): Float64Array;
}

export function createSampleTimes(duration: Microseconds): SampleTimes {
  let known: RecordingRequest | undefined;
  let times: Float64Array = new Float64Array(0);
  return {
    of(request) {
      if (request !== known) {
        times = sampleTimes(request, duration);
        known = request;
      }
      return times;
    },
  };
}

function sampleTimes(request: RecordingRequest, duration: Microseconds): Float64Array {
  switch (request.kind) {
    case "none":
    case "maximum":
      return new Float64Array(0);
    case "grid":
      return Float64Array.from(
        { length: Math.ceil(duration / request.period) },
        (_, step) => step * request.period,
      ).filter((time) => time < duration);
    case "at": {
      let last = 0;
      for (const time of request.times) {
        if (!(time >= last && time <= duration)) {
          throw new Error(`sample time ${time} us is outside 0 to ${duration} us or not ascending`);
        }
        last = time;
      }
      return Float64Array.from(request.times);
    }
    default:
      throw new Error(`no such recording request: ${String(request satisfies never)}`);
  }
}
