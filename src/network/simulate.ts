/**
 * The exact software forward pass: input spikes and weights in, observation out. No time step, no noise, no
 * chip; double precision. It is the reference for simulated chips and the forward pass of software runs.
 *
 *     inputs ─▶ arrivals ─▶ spikes, stage by stage ─▶ voltages, population by population ─▶ Observation
 *
 * The model is that of network.ts; between events it moves in closed form (src/neuron), and spikes are the
 * exact first crossings. Stages without recurrence go neuron by neuron, recurrent ones event by event.
 */

import { type Arrivals, collectArrivals, emptyArrivals } from "./arrivals.ts";
import { type FanOut, fanOut } from "./fan-out.ts";
import type { Network } from "./network.ts";
import {
  type Observation,
  pushSpike,
  type SpikeList,
  spikeList,
  type VoltageNeed,
  voltageSamples,
} from "./observation.ts";
import { createPopulationSpikes } from "./population-spikes.ts";
import { createVoltageRecorder } from "./record-voltages.ts";
import { createRecurrentSpikes } from "./recurrent-spikes.ts";
import { createSampleTimes } from "./sample-times.ts";
import { mergeSpikes, sortSpikes } from "./spike-order.ts";
import { type Stage, stagesOf } from "./stages.ts";

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
   * `Projection.offset`; `record` has one entry per population, in the order of the network.
   *
   * Reported: input spikes before `duration`; all spikes before `duration`, ascending, equal times by
   * ascending stage and neuron; for each population its samples, see `VoltageNeed`. A maximum of a spiking
   * neuron is ϑ at its first spike. A sample at the time of a spike shows the reset.
   *
   * Throws a UserError `diverged` on more than SPIKE_LIMIT spikes or a membrane that is not finite.
   */
  run(weights: Float64Array, inputs: InputSlice, record: readonly VoltageNeed[], out: Observation): void;
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

/** Computes the spikes of a stage from what arrives at it. */
interface StageSpikes {
  readonly fan: FanOut;
  run(weights: Float64Array, arrivals: Arrivals, out: SpikeList): void;
}

export function createSimulator(network: Network): Simulator {
  const { inputs: inputCount, duration, populations } = network;
  const stages = stagesOf(network)
    .filter((stage) => stage.populations.some(({ model }) => model.spikes))
    .map((stage) => stageSpikes(network, stage));
  const fans = populations.map((population) => fanOut(network, [population]));
  const recorders = populations.map((population) => createVoltageRecorder(network, population));
  const sampleTimes = populations.map(() => createSampleTimes(duration));
  const arrivals = emptyArrivals();
  const found = spikeList(256);

  return {
    run(weights, inputs, record, out) {
      copyInputs(inputs, duration, out.inputs);
      out.spikes.count = 0;
      for (const stage of stages) {
        collectArrivals(arrivals, stage.fan, inputCount, out.inputs, out.spikes, NO_MARKS, duration);
        stage.run(weights, arrivals, found);
        dropLate(found, duration);
        mergeSpikes(out.spikes, found);
      }
      out.voltages.count = 0;
      out.voltages.areMaxima = record.some(({ kind }) => kind === "maximum");
      for (let p = 0; p < populations.length; p++) {
        const need = record[p]!;
        if (need.kind === "none") continue;
        const marks = sampleTimes[p]!.of(need);
        collectArrivals(arrivals, fans[p]!, inputCount, out.inputs, out.spikes, marks, duration);
        recorders[p]!.run(weights, arrivals, out.spikes, need.kind === "maximum", out.voltages);
      }
    },
  };
}

const NO_MARKS = new Float64Array(0);

function stageSpikes(network: Network, { populations, recurrent }: Stage): StageSpikes {
  const fan = fanOut(network, populations);
  if (recurrent) return { fan, run: createRecurrentSpikes(network, populations).run };
  const pass = createPopulationSpikes(network, populations[0]!);
  const scratch = spikeList(64);
  return {
    fan,
    run(weights, arrivals, out) {
      pass.run(weights, arrivals, out);
      sortSpikes(out, scratch);
    },
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
