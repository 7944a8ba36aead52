/**
 * Membrane samples of one population, given everything that acts on it and its own spikes: the second half of
 * the forward pass, after all spikes are known. Values are exact; nothing is interpolated.
 */

import {
  advance,
  FLOW_SIZE,
  interiorMaximum,
  type Membrane,
  potential,
  writeFlow,
} from "../neuron/closed-form.ts";
import { type Arrivals, SAMPLE_POINT } from "./arrivals.ts";
import type { Network, Population } from "./network.ts";
import { createSharedFlows, type Neuron, neuronsOf } from "./neuron.ts";
import { diverged, pushVoltage, type SpikeList, type VoltageSamples } from "./observation.ts";
import { createOwnSpikes } from "./spike-order.ts";

export interface VoltageRecorder {
  /**
   * Appends samples of the population's neurons to `out`: V at each mark of `arrivals` (after a spike at that
   * very time), or with `maximum` the largest V over the sample and the first time it is reached. At a spike V
   * counts as ϑ. `spikes` are those of the whole network, ascending.
   */
  run(
    weights: Float64Array,
    arrivals: Arrivals,
    spikes: SpikeList,
    maximum: boolean,
    out: VoltageSamples,
  ): void;
}

export function createVoltageRecorder(network: Network, population: Population): VoltageRecorder {
  const neurons = neuronsOf(network, population);
  const flows = createSharedFlows(neurons);
  const own = createOwnSpikes(population);
  return {
    run(weights, arrivals, spikes, maximum, out) {
      const shared = flows.update(arrivals);
      own.update(spikes);
      for (let column = 0; column < neurons.length; column++) {
        const neuron = neurons[column]!;
        const from = own.first[column]!;
        const to = own.first[column + 1]!;
        highest = 0;
        highestAt = 0;
        traceNeuron(neuron, column, weights, arrivals, shared, own.time, from, to, maximum, out);
        if (maximum) pushVoltage(out, neuron.index, highestAt, highest);
      }
    },
  };
}

const state = new Float64Array(3);
const ownFlow = new Float64Array(FLOW_SIZE);

/** Largest V met so far in the trace of one neuron, and when. */
let highest = 0;
let highestAt = 0;

/** Follows one neuron through the sample; its own spikes are spikeTime[from … to − 1]. */
function traceNeuron(
  neuron: Neuron,
  column: number,
  weights: Float64Array,
  arrivals: Arrivals,
  shared: Float64Array | undefined,
  spikeTime: Float64Array,
  from: number,
  to: number,
  maximum: boolean,
  out: VoltageSamples,
): void {
  const { membrane } = neuron;
  const { leakRate, oneCurrent } = membrane;
  const { count, time, gap: gaps, row } = arrivals;
  let v = 0;
  let e = 0;
  let i = 0;
  let start = 0;
  let release = 0;
  let spike = from;
  for (let k = 0; k <= count; k++) {
    const gap = gaps[k]!;
    const end = time[k]!;
    if (gap > 0 && k > 0) {
      if (release > start || (spike < to && spikeTime[spike]! <= end)) {
        state[0] = v;
        state[1] = e;
        state[2] = i;
        spike = traceSpikes(neuron, start, end, release, spikeTime, spike, to, maximum);
        if (spike > from) release = spikeTime[spike - 1]! + neuron.refractory;
        v = state[0]!;
        e = state[1]!;
        i = state[2]!;
      } else {
        const flow = shared ?? ownFlow;
        const at = shared === undefined ? 0 : k * FLOW_SIZE;
        if (shared === undefined) writeFlow(membrane, gap, ownFlow, 0);
        const vNext = flow[at]! * v + flow[at + 2]! * e + flow[at + 4]! * i;
        const eNext = flow[at + 1]! * e;
        // V rises at most along its first tangent without inhibition, and never above E; with one current a
        // maximum inside also needs V to fall at the end.
        const ceiling = v + leakRate * gap * (e - v);
        if (maximum && e > highest && ceiling > highest && e > v && !(oneCurrent && eNext > vNext)) {
          considerInside(membrane, v, e, i, start, gap);
        }
        v = vNext;
        e = eNext;
        i = flow[at + 3]! * i;
      }
      if (v > highest) {
        highest = v;
        highestAt = end;
      }
    }
    start = end;
    if (k < count) {
      if (row[k]! === SAMPLE_POINT) {
        pushVoltage(out, neuron.index, end, v);
        continue;
      }
      const weight = weights[row[k]! + column]!;
      if (oneCurrent || weight >= 0) e += weight;
      else i += weight;
    }
  }
  if (!(Math.abs(v) < Number.POSITIVE_INFINITY)) throw diverged("a membrane is not finite");
}

/** Moves `state` over a gap in which the neuron spikes or is held; returns the position after its spikes. */
function traceSpikes(
  neuron: Neuron,
  start: number,
  end: number,
  release: number,
  spikeTime: Float64Array,
  spike: number,
  to: number,
  maximum: boolean,
): number {
  const { membrane, reset, refractory } = neuron;
  let now = start;
  let heldUntil = release;
  for (;;) {
    if (heldUntil > now) {
      const until = Math.min(heldUntil, end);
      advance(membrane, state, until - now);
      state[0] = reset;
      now = until;
    }
    const spikes = spike < to && spikeTime[spike]! <= end;
    const until = spikes ? spikeTime[spike]! : end;
    if (maximum) considerInside(membrane, state[0]!, state[1]!, state[2]!, now, until - now);
    if (until > now) advance(membrane, state, until - now);
    now = until;
    if (!spikes) return spike;
    consider(membrane.threshold, now);
    state[0] = reset;
    consider(reset, now);
    heldUntil = now + refractory;
    spike++;
  }
}

function considerInside(
  membrane: Membrane,
  v: number,
  e: number,
  i: number,
  start: number,
  gap: number,
): void {
  const top = interiorMaximum(membrane, v, e, i, gap);
  if (top < gap) consider(potential(membrane, v, e, i, top), start + top);
}

function consider(value: number, time: number): void {
  if (value > highest) {
    highest = value;
    highestAt = time;
  }
}
