/**
 * What arrives at one population in one sample: spikes of inputs and of other neurons, merged, ascending in time.
 * Between an observation and the adjoint of a layer.
 */

import type { Network, Population } from "../../network/network.ts";
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

export interface ArrivalReader {
  /** Whether spikes of neurons can be among the arrivals. */
  readonly bySpikes: boolean;
  /** Collects the arrivals up to the horizon; their number. At equal times inputs come after spikes. */
  read(pass: AdjointPass): number;
}

export function createArrivalReader(network: Network, population: Population): ArrivalReader {
  const { inputs: inputCount, neurons } = network;
  const projections = network.projections.filter(({ to }) => to === population.name);
  /** Rows of each source: entries first[s] … first[s + 1] − 1. */
  const first = new Int32Array(inputCount + neurons + 1);
  const rows: number[] = [];
  for (let source = 0; source < inputCount + neurons; source++) {
    for (const { sourceStart, sources, targets, offset } of projections) {
      const relative = source - sourceStart;
      if (relative >= 0 && relative < sources) rows.push(offset + relative * targets);
    }
    first[source + 1] = rows.length;
  }
  const bySpikes = first[inputCount]! < rows.length;

  return {
    bySpikes,
    read({ observation, room }) {
      const { time, origin } = layerArrivals(room);
      const timeline = spikeTimeline(room);
      const { time: inputTime, index: inputIndex } = observation.inputs;
      const { time: spikeTime, index: spikeIndex } = observation.spikes;
      const inputEnd = timeline.inputs;
      const spikeEnd = bySpikes ? timeline.count : 0;
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
          source = inputCount + spikeIndex[spike]!;
          arriver = spike;
          spike++;
        }
        const end = first[source + 1]!;
        for (let entry = first[source]!; entry < end; entry++) {
          time[count] = now;
          origin[2 * count] = rows[entry]!;
          origin[2 * count + 1] = arriver;
          count++;
        }
      }
      time[count] = Number.POSITIVE_INFINITY;
      return count;
    },
  };
}
