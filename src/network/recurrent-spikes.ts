/**
 * Spikes of a group of populations that act on each other: one event after the other over the whole group.
 * The general path: it takes any group, also one without recurrence, and is what population-spikes.ts is
 * tested against.
 *
 * All membranes stand at the time of the last event. Each neuron has a time before which it cannot spike; it
 * is a cheap bound after each arrival, and becomes the exact crossing only when it is the earliest of all:
 *
 *     V(s) ≤ v + s (e − v)/τ_m,  hence no crossing before  s = τ_m (ϑ − v)/(e − v)
 *
 * (inhibition left out and the tangent taken, both only raise V). With the earliest time exact, the event is
 * its spike or the next arrival, whichever comes first.
 */

import {
  advance,
  FLOW_SIZE,
  firstCrossing,
  outOfReach,
  potential,
  writeFlow,
} from "../neuron/closed-form.ts";
import type { Arrivals } from "./arrivals.ts";
import { targetsIn } from "./graph.ts";
import type { Network, Population } from "./network.ts";
import { type Neuron, neuronsOf, shareFlow } from "./neuron.ts";
import { diverged, pushSpike, SPIKE_LIMIT, type SpikeList } from "./observation.ts";

export interface RecurrentSpikes {
  /** Overwrites `out` with the spikes of one sample, ascending in time. */
  run(weights: Float64Array, arrivals: Arrivals, out: SpikeList): void;
}

/** One population of the group: its neurons are first … first + neurons.length − 1 within the group. */
interface Block {
  readonly first: number;
  readonly neurons: readonly Neuron[];
  /** Whether one flow serves all. */
  readonly shared: boolean;
}

/** Everything that changes, one entry per neuron of the group. */
interface GroupState {
  readonly v: Float64Array;
  readonly e: Float64Array;
  readonly i: Float64Array;
  /** Held at reset until then. */
  readonly release: Float64Array;
  /** No spike before this time. */
  readonly earliest: Float64Array;
  /** 1 when `earliest` is the time of the next spike. */
  readonly exact: Uint8Array;
}

const flow = new Float64Array(FLOW_SIZE);
const single = new Float64Array(3);

export function createRecurrentSpikes(network: Network, group: readonly Population[]): RecurrentSpikes {
  const blocks: Block[] = [];
  const neurons: Neuron[] = [];
  for (const population of group) {
    const members = neuronsOf(network, population);
    blocks.push({
      first: neurons.length,
      neurons: members,
      shared: members.length > 1 && shareFlow(members),
    });
    neurons.push(...members);
  }
  const fan = targetsIn(network, group);
  const { inputs, duration } = network;
  const size = neurons.length;
  const state: GroupState = {
    v: new Float64Array(size),
    e: new Float64Array(size),
    i: new Float64Array(size),
    release: new Float64Array(size),
    earliest: new Float64Array(size),
    exact: new Uint8Array(size),
  };
  return {
    run(weights, arrivals, out) {
      out.count = 0;
      reset(state);
      let now = 0;
      let next = 0;
      for (;;) {
        const arrival = next < arrivals.count ? arrivals.time[next]! : duration;
        const spiker = earliestNeuron(state.earliest);
        const candidate = state.earliest[spiker]!;
        if (candidate <= arrival && candidate < duration) {
          if (state.exact[spiker] === 0) {
            findSpike(state, spiker, neurons[spiker]!, now, duration);
            continue;
          }
          // A crossing found from an earlier state may lie a rounding before now.
          const time = Math.max(candidate, now);
          for (const block of blocks) advanceBlock(state, block, now, time);
          now = time;
          spike(state, spiker, neurons[spiker]!, now, out);
          const source = inputs + neurons[spiker]!.index;
          for (let entry = fan.first[source]!; entry < fan.first[source + 1]!; entry++) {
            receive(state, blocks[fan.block[entry]!]!, weights, fan.row[entry]!, now);
          }
        } else if (next < arrivals.count) {
          for (const block of blocks) advanceBlock(state, block, now, arrival);
          now = arrival;
          receive(state, blocks[arrivals.block[next]!]!, weights, arrivals.row[next]!, now);
          next++;
        } else {
          break;
        }
      }
      for (let n = 0; n < size; n++) {
        const sum = Math.abs(state.v[n]!) + Math.abs(state.e[n]!) + Math.abs(state.i[n]!);
        if (!(sum < Number.POSITIVE_INFINITY)) throw diverged("a membrane is not finite");
      }
    },
  };
}

function reset({ v, e, i, release, earliest, exact }: GroupState): void {
  v.fill(0);
  e.fill(0);
  i.fill(0);
  release.fill(0);
  earliest.fill(Number.POSITIVE_INFINITY);
  exact.fill(0);
}

function earliestNeuron(earliest: Float64Array): number {
  let best = 0;
  for (let n = 1; n < earliest.length; n++) if (earliest[n]! < earliest[best]!) best = n;
  return best;
}

/** Replaces the bound of neuron n by the time of its next spike without further input. */
function findSpike(state: GroupState, n: number, neuron: Neuron, now: number, duration: number): void {
  single[0] = state.v[n]!;
  single[1] = state.e[n]!;
  single[2] = state.i[n]!;
  let from = now;
  if (state.release[n]! > now) {
    from = state.release[n]!;
    advance(neuron.membrane, single, from - now);
    single[0] = neuron.reset;
  }
  const rest = duration - from;
  const end = potential(neuron.membrane, single[0]!, single[1]!, single[2]!, rest);
  const s = firstCrossing(neuron.membrane, single, rest, end);
  state.earliest[n] = from + s;
  state.exact[n] = 1;
}

/** Moves a block from `now` to `then`, before which none of its neurons spikes. */
function advanceBlock(state: GroupState, block: Block, now: number, then: number): void {
  const { v, e, i, release, earliest, exact } = state;
  const { first, neurons, shared } = block;
  const gap = then - now;
  if (!(gap > 0)) return;
  if (shared) writeFlow(neurons[0]!.membrane, gap, flow, 0);
  for (let column = 0; column < neurons.length; column++) {
    const n = first + column;
    const { membrane, reset } = neurons[column]!;
    if (release[n]! > now) {
      single[0] = reset;
      single[1] = e[n]!;
      single[2] = i[n]!;
      const held = Math.min(release[n]!, then) - now;
      advance(membrane, single, held);
      single[0] = reset;
      if (then > release[n]!) advance(membrane, single, then - release[n]!);
      v[n] = single[0]!;
      e[n] = single[1]!;
      i[n] = single[2]!;
      continue;
    }
    if (!shared) writeFlow(membrane, gap, flow, 0);
    const before = v[n]!;
    v[n] = flow[0]! * before + flow[2]! * e[n]! + flow[4]! * i[n]!;
    e[n] = flow[1]! * e[n]!;
    i[n] = flow[3]! * i[n]!;
    // Equal neurons spike together, rounding apart: one that has arrived at ϑ spikes now, whatever comes.
    if (v[n]! >= membrane.threshold && before < membrane.threshold) {
      earliest[n] = then;
      exact[n] = 1;
    }
  }
}

function spike(state: GroupState, n: number, neuron: Neuron, now: number, out: SpikeList): void {
  if (out.count === SPIKE_LIMIT) throw diverged(`more than ${SPIKE_LIMIT} spikes`);
  pushSpike(out, now, neuron.index);
  state.v[n] = neuron.reset;
  state.release[n] = now + neuron.refractory;
  bound(state, n, neuron, now);
}

/** Adds one row of weights to the currents of a block. */
function receive(state: GroupState, block: Block, weights: Float64Array, row: number, now: number): void {
  const { e, i, earliest, exact } = state;
  const { first, neurons } = block;
  for (let column = 0; column < neurons.length; column++) {
    const weight = weights[row + column]!;
    if (weight === 0) continue;
    const n = first + column;
    const neuron = neurons[column]!;
    if (neuron.membrane.oneCurrent || weight > 0) e[n] = e[n]! + weight;
    else i[n] = i[n]! + weight;
    const spikesNow = exact[n] === 1 && earliest[n]! <= now;
    if (!spikesNow) bound(state, n, neuron, now);
  }
}

/** Sets a time before which neuron n cannot spike. */
function bound(state: GroupState, n: number, neuron: Neuron, now: number): void {
  const { leakRate, threshold } = neuron.membrane;
  const held = state.release[n]! > now;
  const from = held ? state.release[n]! : now;
  const v = held ? neuron.reset : state.v[n]!;
  const e = state.e[n]!;
  state.exact[n] = 0;
  if (outOfReach(neuron.membrane, v, e, 0)) state.earliest[n] = Number.POSITIVE_INFINITY;
  else if (v < threshold && e > v) state.earliest[n] = from + (threshold - v) / (leakRate * (e - v));
  else state.earliest[n] = from;
}
