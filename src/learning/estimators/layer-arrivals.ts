/**
 * What arrives at one population in one sample: spikes of inputs and of other neurons, merged, ascending in time,
 * and the flow over the gaps between them. Between an observation and the adjoint of a layer.
 *
 * All neurons of a population see arrivals at the same times, so neurons with equal time constants share the
 * exponentials of each gap.
 */

import type { Network, Population } from "../../network/network.ts";
import { CONSTANTS, equalRates, sameRates } from "./adjoint-constants.ts";
import { FLOW, writeFlow } from "./adjoint-flow.ts";
import type { AdjointPass } from "./adjoint-pass.ts";

export interface LayerArrivals {
  count: number;
  /** One entry more than `count`: Infinity. */
  time: Float64Array;
  /** Place of the weight onto the population's first neuron. */
  row: Int32Array;
  /** The observation's spike that arrives, −1 for an input. */
  spike: Int32Array;
  /**
   * Whether the population's neurons have the same time constants, and the flow is worth a table: not for readouts
   * with one time constant.
   */
  readonly shared: boolean;
  /**
   * If so, the flow from arrival k − 1 to k at [k · FLOW …], for k > 0. The first entry is room for the flow over
   * a piece of a gap, whose owner is whoever wrote it last.
   */
  flows: Float64Array;
  /** Collects the arrivals up to the horizon. At equal times inputs come after spikes. */
  read(pass: AdjointPass): void;
}

export function createLayerArrivals(
  network: Network,
  population: Population,
  constants: Float64Array,
): LayerArrivals {
  const { inputs: inputCount, neurons } = network;
  const { start, size, model } = population;
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
  const reachedBySpikes = first[inputCount]! < rows.length;

  const arrivals: LayerArrivals = {
    count: 0,
    time: new Float64Array(64),
    row: new Int32Array(64),
    spike: new Int32Array(64),
    shared: sameRates(constants, start, start + size) && (model === "lif" || !equalRates(constants, start)),
    flows: new Float64Array(64 * FLOW),
    read({ observation, timeline }) {
      const { time: inputTime, index: inputIndex } = observation.inputs;
      const { time: spikeTime, index: spikeIndex } = observation.spikes;
      const inputEnd = timeline.inputs;
      const spikeEnd = reachedBySpikes ? timeline.count : 0;
      reserve(arrivals, (inputEnd + spikeEnd) * projections.length + 1);
      const { time, row, spike: arriving } = arrivals;
      let count = 0;
      let input = 0;
      let spike = 0;
      while (input < inputEnd || spike < spikeEnd) {
        const external = spike === spikeEnd || (input < inputEnd && inputTime[input]! < spikeTime[spike]!);
        const now = external ? inputTime[input]! : spikeTime[spike]!;
        const source = external ? inputIndex[input]! : inputCount + spikeIndex[spike]!;
        const end = first[source + 1]!;
        for (let entry = first[source]!; entry < end; entry++) {
          time[count] = now;
          row[count] = rows[entry]!;
          arriving[count] = external ? -1 : spike;
          count++;
        }
        if (external) input++;
        else spike++;
      }
      arrivals.count = count;
      time[count] = Number.POSITIVE_INFINITY;
      if (arrivals.shared) fillFlows(arrivals, constants, start * CONSTANTS);
    },
  };
  return arrivals;
}

function fillFlows({ count, time, flows }: LayerArrivals, constants: Float64Array, place: number): void {
  for (let k = 1; k < count; k++) {
    flows[k * FLOW] = time[k]! - time[k - 1]!;
    writeFlow(constants, place, flows, k * FLOW);
  }
}

function reserve(arrivals: LayerArrivals, count: number): void {
  if (arrivals.time.length >= count) return;
  arrivals.time = new Float64Array(2 * count);
  arrivals.row = new Int32Array(2 * count);
  arrivals.spike = new Int32Array(2 * count);
  arrivals.flows = new Float64Array(2 * count * FLOW);
}
