/**
 * What arrives at one population in one sample: spikes of inputs and of other neurons, merged, ascending in time.
 * Between an observation and the adjoint of a layer or of readouts.
 */

import type { Network, Population } from "../network/network.ts";
import type { AdjointPass } from "./adjoint-pass.ts";
import { spikeTimeline } from "./spike-timeline.ts";
import { workingArrays } from "./working-arrays.ts";

export interface LayerArrivals {
  /** One entry more than there are arrivals: Infinity. */
  readonly time: Float64Array;
  /** [arrival · 2 …] Place of the weight onto the population's first neuron; the observation's spike, −1 for an input. */
  readonly origin: Int32Array;
}

export const layerArrivals = workingArrays(
  (room): LayerArrivals => ({ time: new Float64Array(room), origin: new Int32Array(2 * room) }),
);

/** How often a spike arrives at one population at most: once per projection that joins the same two. */
export function arrivalsPerSpike({ projections }: Network): number {
  const alike = projections.map(
    (one) => projections.filter(({ from, to }) => from === one.from && to === one.to).length,
  );
  return Math.max(0, ...alike);
}

/** Makes the function that collects a population's arrivals up to the horizon; it returns their number. */
export function createArrivalReader(network: Network, population: Population): (pass: AdjointPass) => number {
  const { inputs: firstNeuron, neurons } = network;
  const projections = network.projections.filter(({ to }) => to === population.name);
  const rowsOf = Array.from({ length: firstNeuron + neurons }, (_, source) =>
    projections
      .filter(({ sourceStart, sources }) => source >= sourceStart && source < sourceStart + sources)
      .map(({ sourceStart, targets, offset }) => offset + (source - sourceStart) * targets),
  );
  const byInputs = rowsOf.some((rows, source) => source < firstNeuron && rows.length > 0);
  const bySpikes = rowsOf.some((rows, source) => source >= firstNeuron && rows.length > 0);
  const width = Math.max(0, ...rowsOf.map(({ length }) => length));
  /** [source · width …] Places where its rows begin, −1 where it has fewer. */
  const table = new Int32Array(width * rowsOf.length).fill(-1);
  rowsOf.forEach((rows, source) => {
    table.set(rows, source * width);
  });

  // At equal times inputs come after spikes.
  return ({ observation, room }) => {
    const { time, origin } = layerArrivals(room);
    const { inputs, count: spikes } = spikeTimeline(room);
    const { time: inputTime, index: inputIndex } = observation.inputs;
    const { time: spikeTime, index: spikeIndex } = observation.spikes;
    const inputEnd = byInputs ? inputs : 0;
    const spikeEnd = bySpikes ? spikes : 0;
    let count = 0;
    let input = 0;
    let spike = 0;
    let nextInput = inputEnd > 0 ? inputTime[0]! : Number.POSITIVE_INFINITY;
    while (input < inputEnd || spike < spikeEnd) {
      let now = spike < spikeEnd ? spikeTime[spike]! : Number.POSITIVE_INFINITY;
      let source = 0;
      let arriver = -1;
      if (nextInput < now) {
        now = nextInput;
        source = inputIndex[input]!;
        input++;
        nextInput = input < inputEnd ? inputTime[input]! : Number.POSITIVE_INFINITY;
      } else {
        source = firstNeuron + spikeIndex[spike]!;
        arriver = spike;
        spike++;
      }
      const end = (source + 1) * width;
      for (let entry = source * width; entry < end; entry++) {
        const row = table[entry]!;
        time[count] = now;
        origin[2 * count] = row;
        origin[2 * count + 1] = arriver;
        count += +(row >= 0);
      }
    }
    // Typed arrays drop what is written beyond their end.
    if (count >= room) throw new Error(`${count} arrivals at ${population.name}, room for ${room - 1}`);
    time[count] = Number.POSITIVE_INFINITY;
    return count;
  };
}
