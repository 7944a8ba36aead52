/**
 * EventProp for a loss that is an average over noise: the exact gradient of spike times, and beside it the gradient of
 * spikes that noise lets appear or disappear.
 *
 * The exact adjoint follows one trajectory, along which no spike appears or disappears. At weights where one does, the
 * loss jumps by ΔL, and no derivative sees it. With noise the loss is an average over thresholds that scatter with a
 * standard deviation σ, and the average has no jump. A spike at a local maximum of height h of a membrane exists while the
 * threshold is below h. So with the density p of the threshold, by Leibniz's rule,
 *
 *     d⟨L⟩/dw = ⟨dL/dw⟩ + Σ_maxima p(h) ΔL dh/dw,        p(h) = e^{−(h − ϑ)²/2σ²} / σ√(2π)
 *
 * This is smoothed perturbation analysis (W.-B. Gong, Y.-C. Ho, IEEE Trans. Automat. Contr. 32, 1987) for spiking neurons.
 * ⟨dL/dw⟩ is `eventprop`; this module adds the sum.
 *
 * - Which maxima: those of the membrane before each of its spikes and after its last (a spike may appear there), and for
 *   each spike the maximum that the membrane would have reached without it (the spike may disappear).
 * - dh/dw: h is V at a turn, so its time adds nothing: the response to what arrived since the neuron was last released,
 *   and to the current that was left then. Earlier spikes of the neuron itself are taken as fixed.
 * - ΔL: what a spike at the maximum changes in the loss, to first order in the outputs' membranes:
 *   Σ_outputs w p_E, with p_E (p_I for w < 0) the adjoint current of the output at that time. It is a difference of two
 *   trajectories, hence first order and not exact. With a loss that is linear in the outputs it is exact
 *   (tests/gradient/eventprop-smoothed.test.ts compares with differences of the averaged loss).
 *
 * All of it follows from arrivals, observed spikes and the constants of the network. So nothing more is observed or kept
 * than for `eventprop`. The populations that it serves act on readouts only: ΔL of others is not computed.
 *
 * One module, though long: the sum and the maxima that it runs over are one algorithm.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { member } from "../core/table.ts";
import type { Cotangent } from "../loss/types.ts";
import { beyondClosedForm } from "../network/adaptive-neurons.ts";
import { type Arrivals, collectArrivals, emptyArrivals } from "../network/arrivals.ts";
import { targetsIn } from "../network/graph.ts";
import type { Network, Population, Projection } from "../network/network.ts";
import { type Neuron, neuronsOf } from "../network/neuron.ts";
import type { Observation } from "../network/observation.ts";
import { createOwnSpikes } from "../network/spike-order.ts";
import {
  advance,
  FLOW_SIZE,
  interiorMaximum,
  type Membrane,
  membrane as membraneOf,
  outOfReach,
  potential,
  writeFlow,
} from "../neuron/closed-form.ts";
import { decay } from "../neuron/decay.ts";
import { eventProp, slopeFloorOption } from "./eventprop.ts";
import type { Estimator, EstimatorFactory, Incompatibility } from "./types.ts";

const options = {
  slopeFloor: slopeFloorOption,
  width: Type.Number({
    default: 0.05,
    minimum: 1e-3,
    maximum: 0.25,
    description: "σ: standard deviation of the threshold, in thresholds.",
  }),
};
type Options = Static<TObject<typeof options>>;

const factory: EstimatorFactory<Options> = {
  claim: "heuristic",
  create: createEventPropSmoothed,
  incompatible: servedElsewhere,
};

export const eventPropSmoothed = member({
  kind: "eventprop-smoothed",
  summary: "exact adjoint, and the mean effect of spikes that noise lets appear or disappear",
  options,
  create: factory,
});

function servedElsewhere(network: Network): Incompatibility {
  const reason = beyondClosedForm(network);
  if (reason !== undefined) {
    return `it knows LIF and LI alone, without delays and with fixed constants, but ${reason}`;
  }
  const { populations, projections } = network;
  const spiking = new Set(populations.filter(({ model }) => model.spikes).map(({ name }) => name));
  const inner = projections.find(({ from, to }) => spiking.has(from) && spiking.has(to));
  if (inner !== undefined)
    return `it serves populations that act on readouts only, but there is ${inner.name}`;
  const last = populations.find(
    ({ name, model }) => model.spikes && !projections.some(({ from }) => from === name),
  );
  return last && `it serves populations that act on readouts, and \`${last.name}\` acts on none`;
}

function createEventPropSmoothed(network: Network, { slopeFloor, width }: Options): Estimator {
  const exact = eventProp.create.create(network, { slopeFloor });
  const layers = network.populations
    .filter(({ model }) => model.spikes)
    .map((population) => createAppearance(network, population, width));
  return {
    claim: "heuristic",
    hiddenVoltages: exact.hiddenVoltages,
    accumulate(observation, weights, cotangent, gradient, counts) {
      exact.accumulate(observation, weights, cotangent, gradient, counts);
      for (const add of layers) add(observation, weights, cotangent, gradient);
    },
    bytesKept: exact.bytesKept,
  };
}

/** Standard deviations from the threshold beyond which a maximum does not count: p is 1 % of its peak there. */
const REACH = 3;

// The sum over the maxima of one population ------------------------------------------------------------------

function createAppearance(network: Network, population: Population, width: number) {
  const neurons = neuronsOf(network, population);
  const fan = targetsIn(network, [population]);
  const outgoing = network.projections.filter(({ from }) => from === population.name);
  const outputs = createOutputs(network, outgoing);
  const own = createOwnSpikes(population);
  const arrivals = emptyArrivals();
  const maxima = emptyMaxima();
  const noMarks = new Float64Array(0);
  const walks = neurons.map((neuron): Walk => {
    const { tauMem, tauSynExc, tauSynInh } = network.constants;
    const { index } = neuron;
    const threshold = neuron.membrane.threshold * (1 - REACH * width);
    return {
      ...neuron,
      lowest: membraneOf(tauMem[index]!, tauSynExc[index]!, tauSynInh[index]!, threshold),
      highest: neuron.membrane.threshold * (1 + REACH * width),
    };
  });
  return (
    observation: Observation,
    weights: Float64Array,
    cotangent: Cotangent,
    gradient: Float64Array,
  ): void => {
    const { inputs, spikes } = observation;
    const horizon = outputs.read(observation, cotangent);
    if (horizon === Number.NEGATIVE_INFINITY) return;
    collectArrivals(arrivals, fan, network.inputs, inputs, spikes, noMarks, network.duration);
    own.update(spikes);
    for (let column = 0; column < walks.length; column++) {
      const walk = walks[column]!;
      const { membrane } = walk;
      maxima.count = 0;
      findMaxima(
        walk,
        column,
        weights,
        arrivals,
        own.time,
        own.first[column]!,
        own.first[column + 1]!,
        horizon,
        maxima,
      );
      const sigma = width * membrane.threshold;
      for (let m = 0; m < maxima.count; m++) {
        const z = (maxima.height[m]! - membrane.threshold) / sigma;
        const time = maxima.time[m]!;
        if (!(z * z < REACH * REACH && time < horizon)) continue;
        const density = Math.exp(-0.5 * z * z) / (sigma * Math.sqrt(2 * Math.PI));
        const factor = density * outputs.changeBySpike(weights, column, time);
        if (factor !== 0) {
          addHeightGradient(membrane, column, weights, arrivals, maxima.release[m]!, time, factor, gradient);
        }
      }
    }
  };
}

const flow = new Float64Array(FLOW_SIZE);

/** Adds factor · dh/dw of a maximum of V at `time`, for a neuron that moves since `release`. */
function addHeightGradient(
  membrane: Membrane,
  column: number,
  weights: Float64Array,
  { count, time: arrived, row }: Arrivals,
  release: number,
  time: number,
  factor: number,
  gradient: Float64Array,
): void {
  for (let k = 0; k < count && arrived[k]! < time; k++) {
    const at = row[k]! + column;
    const exc = weights[at]! >= 0;
    const begin = Math.max(arrived[k]!, release);
    const left = decay((begin - arrived[k]!) * (exc ? membrane.excRate : membrane.inhRate));
    writeFlow(membrane, time - begin, flow, 0);
    gradient[at] = gradient[at]! + factor * left * (exc ? flow[2]! : flow[4]!);
  }
}

// What a spike changes in the loss --------------------------------------------------------------------------

/** Adjoint currents of the readouts at any time, from the cotangents of their samples. */
function createOutputs(network: Network, outgoing: readonly Projection[]) {
  const neurons = neuronsOf(network, { start: 0, size: network.neurons });
  let time = new Float64Array(256);
  let slope = new Float64Array(256);
  /** [neuron] Its entries are first[neuron] … first[neuron + 1] − 1. */
  const first = new Int32Array(network.neurons + 1);
  return {
    /** Takes the samples that the loss depends on; returns the time of the last, −Infinity without any. */
    read({ voltages }: Observation, cotangent: Cotangent): number {
      if (time.length < voltages.count) {
        time = new Float64Array(2 * voltages.count);
        slope = new Float64Array(2 * voltages.count);
      }
      let horizon = Number.NEGATIVE_INFINITY;
      let entry = 0;
      let kept = 0;
      for (let neuron = 0; neuron < network.neurons; neuron++) {
        first[neuron] = kept;
        for (; entry < voltages.count && voltages.neuron[entry] === neuron; entry++) {
          if (cotangent.voltage[entry] === 0) continue;
          time[kept] = voltages.time[entry]!;
          slope[kept] = cotangent.voltage[entry]!;
          horizon = Math.max(horizon, time[kept]!);
          kept++;
        }
      }
      first[network.neurons] = kept;
      return horizon;
    },
    /** Change of the loss, to first order, by one more spike of neuron `source` of the population at time `at`. */
    changeBySpike(weights: Float64Array, source: number, at: number): number {
      let sum = 0;
      for (const { targetStart, targets, offset } of outgoing) {
        for (let target = 0; target < targets; target++) {
          const neuron = targetStart + target;
          const weight = weights[offset + source * targets + target]!;
          const slot = weight >= 0 ? 2 : 4;
          for (let entry = first[neuron]!; entry < first[neuron + 1]!; entry++) {
            if (time[entry]! <= at) continue;
            writeFlow(neurons[neuron]!.membrane, time[entry]! - at, flow, 0);
            sum += weight * slope[entry]! * flow[slot]!;
          }
        }
      }
      return sum;
    },
  };
}

// The maxima of a membrane ----------------------------------------------------------------------------------

// The heights that decide which spikes a neuron has: local maxima of its membrane before each of its observed spikes and
// after the last, where a spike may appear, and for each spike the maximum that the membrane would have reached without
// it, where the spike may disappear. Computed from arrivals, observed spikes and constants, in closed form.

export interface Walk extends Neuron {
  /** The membrane with the lowest threshold that counts, for a quick test of what cannot reach it. */
  readonly lowest: Membrane;
  /** The highest threshold that counts. */
  readonly highest: number;
}

export interface Maxima {
  count: number;
  height: Float64Array;
  time: Float64Array;
  /** Since when the neuron moves freely. */
  release: Float64Array;
}

function emptyMaxima(): Maxima {
  return {
    count: 0,
    height: new Float64Array(64),
    time: new Float64Array(64),
    release: new Float64Array(64),
  };
}

function push(maxima: Maxima, height: number, time: number, release: number): void {
  const { count } = maxima;
  if (count === maxima.height.length) {
    for (const name of ["height", "time", "release"] as const) {
      const longer = new Float64Array(2 * count);
      longer.set(maxima[name]);
      maxima[name] = longer;
    }
  }
  maxima.height[count] = height;
  maxima.time[count] = time;
  maxima.release[count] = release;
  maxima.count++;
}

/** V, E, I of the membrane, and of the one that goes on without a spike. */
const state = new Float64Array(3);
const without = new Float64Array(3);

/** Finds the maxima of one neuron up to `horizon`; its own spikes are spikeTime[spike … to − 1]. */
function findMaxima(
  walk: Walk,
  column: number,
  weights: Float64Array,
  arrivals: Arrivals,
  spikeTime: Float64Array,
  spike: number,
  to: number,
  horizon: number,
  maxima: Maxima,
): void {
  const { membrane, reset, refractory, lowest } = walk;
  const { count, time, row } = arrivals;
  state.fill(0);
  let now = 0;
  let release = 0;
  let next = spike;
  /** All excitation that is still to come. */
  let coming = 0;
  for (let k = 0; k < count; k++) coming += Math.max(0, weights[row[k]! + column]!);
  for (let k = 0; k <= count && now < horizon; k++) {
    // Not even if all of it came now and nothing inhibited.
    if (next === to && outOfReach(lowest, state[0]!, state[1]! + coming, 0)) return;
    const end = time[k]!;
    for (;;) {
      const spikes = next < to && spikeTime[next]! <= end;
      const until = spikes ? spikeTime[next]! : end;
      if (now < release) {
        // Held at reset; currents run on. An observed spike may come earlier than the end of the hold.
        const held = Math.min(release, until);
        advance(membrane, state, held - now);
        state[0] = reset;
        now = held;
      }
      if (until > now) {
        if (!outOfReach(lowest, state[0]!, state[1]!, state[2]!)) {
          const top = interiorMaximum(membrane, state[0]!, state[1]!, state[2]!, until - now);
          if (top < until - now) pushInside(membrane, state, now, top, release, maxima);
        }
        advance(membrane, state, until - now);
        now = until;
      }
      if (!spikes) break;
      without.set(state);
      findMaximumWithout(walk, column, weights, arrivals, k, now, Math.min(release, now), horizon, maxima);
      state[0] = reset;
      release = now + refractory;
      next++;
    }
    if (k === count) return;
    const rising = state[1]! + state[2]! > state[0]!;
    const weight = weights[row[k]! + column]!;
    coming -= Math.max(0, weight);
    arrive(membrane, state, weight);
    if (rising && state[1]! + state[2]! <= state[0]! && now >= release) push(maxima, state[0]!, now, release);
  }
}

/** Finds the first maximum at or after `now` of a membrane that goes on from `without` as if it had not spiked. */
function findMaximumWithout(
  { membrane, highest }: Walk,
  column: number,
  weights: Float64Array,
  { count, time, row }: Arrivals,
  first: number,
  start: number,
  release: number,
  horizon: number,
  maxima: Maxima,
): void {
  let now = start;
  for (let k = first; k <= count && now < horizon; k++) {
    if (without[1]! + without[2]! <= without[0]!) {
      push(maxima, without[0]!, now, release);
      return;
    }
    const gap = time[k]! - now;
    if (gap > 0) {
      const top = interiorMaximum(membrane, without[0]!, without[1]!, without[2]!, gap);
      if (top < gap) {
        pushInside(membrane, without, now, top, release, maxima);
        return;
      }
      advance(membrane, without, gap);
      now = time[k]!;
    }
    // The spike is in no danger.
    if (without[0]! > highest || k === count) return;
    arrive(membrane, without, weights[row[k]! + column]!);
  }
}

/** The maximum that a membrane in state `from` at `now` reaches `top` later. */
function pushInside(
  membrane: Membrane,
  from: Float64Array,
  now: number,
  top: number,
  release: number,
  maxima: Maxima,
): void {
  push(maxima, potential(membrane, from[0]!, from[1]!, from[2]!, top), now + top, release);
}

function arrive({ oneCurrent }: Membrane, at: Float64Array, weight: number): void {
  const slot = oneCurrent || weight >= 0 ? 1 : 2;
  at[slot] = at[slot]! + weight;
}
