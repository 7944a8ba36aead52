/**
 * EventProp on a time grid, as published: explicit Euler, spikes as booleans, observed spikes injected.
 *
 *     λ_I[n−1] = λ_I[n] + dt/τ_s (λ_V[n] − λ_I[n])        λ_V[n−1] = λ_V[n] (1 − dt/τ_m)
 *     at a spike in bin n:   λ_V[n−1] ← (λ_V[n−1] (I[n−1] − V_r) + g[n]) / (I[n−1] − ϑ)
 *     g = −∂L/∂t + Σ_j w_j (λ_V − λ_I)_j[n]               ∂L/∂w = Σ over spikes of τ_s λ_I[n]
 *
 * C. Pehle et al. (2023), arXiv 2302.07141, algorithm 1, as in electronicvisions/hxtorch,
 * spiking/functional/eventprop.py; kept here as p_V = τ_m λ_V, p_I = τ_s λ_I. Added to it: refractory time (p_V = 0
 * between spike and release), separate excitatory and inhibitory currents, recurrence, losses on membranes.
 *
 * It converges to the exact gradient at first order in dt and is biased by tens of per cent at dt = 1 µs
 * (docs/method.md). `readout: as-published` passes to the hidden layer what back-propagation through an LI readout
 * gives for the amplitude of a spike, Σ w τ_s λ_I, in place of what its time does: not a gradient.
 *
 * One module, though long: both halves of the published scheme, forwards and back.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { choiceSchema, timeSchema } from "../core/option-schemas.ts";
import { member } from "../core/table.ts";
import type { Cotangent } from "../loss/types.ts";
import { type Targets, targetsIn } from "../network/graph.ts";
import type { Network } from "../network/network.ts";
import { type Observation, SPIKE_BYTES } from "../network/observation.ts";
import { addMaximaAtArrivals } from "./max-at-arrival.ts";
import { createBinnedSamples, createTimeGrid, gridIncompatibility, type TimeGrid } from "./time-grid.ts";
import type { Estimator, EstimatorFactory, GradientCounts } from "./types.ts";

const options = {
  dt: timeSchema({ default: "1 us", above: 0, description: "Step of the grid." }),
  readout: choiceSchema(["exact", "as-published"], {
    default: "exact",
    description: "What a non-spiking readout passes back: the effect of a spike's time, or of its amplitude.",
  }),
  slopeFloor: Type.Number({
    default: 0,
    minimum: 0,
    description:
      "Slopes of the membrane at its spikes below this, in thresholds per tau_mem, are raised to it; at 0, as " +
      "published, only divisions by zero are left out.",
  }),
};
type Options = Static<TObject<typeof options>>;

const factory: EstimatorFactory<Options> = {
  claim: "consistent",
  create: createEventPropGrid,
  incompatible: (network, _loss, { dt }) => gridIncompatibility(network, dt),
};

export const eventPropGrid = member({
  kind: "eventprop-grid",
  summary: "adjoint on a time grid, explicit Euler, as published",
  options,
  create: factory,
});

function createEventPropGrid(network: Network, { dt, readout, slopeFloor }: Options): Estimator {
  const { neurons, inputs, populations } = network;
  const { tauMem, tauSynExc, tauSynInh, threshold } = network.constants;
  const published = readout === "as-published";
  const grid = createTimeGrid(network, dt);
  const targets = targetsIn(network, populations);
  const currents = createGridCurrents(network, grid, targets);
  const samples = createBinnedSamples(grid);
  const memDecay = tauMem.map((tau) => 1 - dt / tau);
  const excDecay = tauSynExc.map((tau) => 1 - dt / tau);
  const inhDecay = tauSynInh.map((tau) => 1 - dt / tau);
  /** Neurons whose arrivals pass back the effect of the amplitude. */
  const amplitude = new Uint8Array(neurons);
  for (const { model, start, size } of populations) {
    if (published && !model.spikes) amplitude.fill(1, start, start + size);
  }
  const membrane = new Float64Array(neurons);
  const exc = new Float64Array(neurons);
  const inh = new Float64Array(neurons);
  /** The last spike of each neuron that is still to come backwards, −1: none; whether it holds the neuron now. */
  const pending = new Int32Array(neurons);
  const held = new Uint8Array(neurons);
  /** τ_m V̇ p_V at the release of the pending spike. */
  const released = new Float64Array(neurons);
  let previous = new Int32Array(256);
  let moved = new Float64Array(256);

  const begin = (observation: Observation, weights: Float64Array, cotangent: Cotangent): void => {
    const { count, index } = observation.spikes;
    if (previous.length < count) {
      previous = new Int32Array(2 * count);
      moved = new Float64Array(2 * count);
    }
    grid.read(observation);
    currents.run(observation, weights);
    samples.read(observation, cotangent);
    membrane.fill(0);
    exc.fill(0);
    inh.fill(0);
    released.fill(0);
    pending.fill(-1);
    for (let spike = 0; spike < count; spike++) {
      moved[spike] = cotangent.spike[spike]!;
      if (grid.spike[spike] === -1) continue;
      previous[spike] = pending[index[spike]!]!;
      pending[index[spike]!] = spike;
    }
    if (!published) addMaximaAtArrivals(network, observation, weights, cotangent, count, moved);
    for (let neuron = 0; neuron < neurons; neuron++) {
      held[neuron] = pending[neuron] !== -1 && currents.release[pending[neuron]!] === grid.bins ? 1 : 0;
    }
  };

  /** An event of `source`: its part of the gradient and, for a spike, of ∂L/∂t. */
  const arrive = (source: number, spike: number, weights: Float64Array, gradient: Float64Array): void => {
    const { first, row, from, to } = targets;
    for (let entry = first[source]!; entry < first[source + 1]!; entry++) {
      let at = row[entry]!;
      for (let neuron = from[entry]!; neuron < to[entry]!; neuron++, at++) {
        const weight = weights[at]!;
        const current = weight >= 0 ? exc[neuron]! : inh[neuron]!;
        gradient[at] = gradient[at]! + current;
        if (spike === -1) continue;
        const tau = weight >= 0 ? tauSynExc[neuron]! : tauSynInh[neuron]!;
        const effect =
          amplitude[neuron] === 1 ? -current : current / tau - membrane[neuron]! / tauMem[neuron]!;
        moved[spike] = moved[spike]! + weight * effect;
      }
    }
  };

  const inject = (bin: number, observation: Observation, cotangent: Cotangent): void => {
    for (let sample = samples.first[bin]!; sample !== -1; sample = samples.following[sample]!) {
      const neuron = observation.voltages.neuron[sample]!;
      if (held[neuron] === 0) membrane[neuron] = membrane[neuron]! + cotangent.voltage[sample]!;
    }
  };

  const release = (neuron: number): void => {
    released[neuron] = currents.after[pending[neuron]!]! * membrane[neuron]!;
    membrane[neuron] = 0;
    held[neuron] = 1;
  };

  const stepBack = (bin: number): void => {
    for (let neuron = 0; neuron < neurons; neuron++) {
      const now = membrane[neuron]!;
      const gain = (dt / tauMem[neuron]!) * now;
      exc[neuron] = exc[neuron]! * excDecay[neuron]! + gain;
      inh[neuron] = inh[neuron]! * inhDecay[neuron]! + gain;
      membrane[neuron] = now * memDecay[neuron]!;
      const spike = pending[neuron]!;
      if (spike !== -1 && held[neuron] === 0 && currents.release[spike] === bin) release(neuron);
    }
  };

  const jump = (spike: number, bin: number, neuron: number, counts: GradientCounts): void => {
    const change = released[neuron]! - tauMem[neuron]! * moved[spike]!;
    const slope = currents.before[spike]!;
    const lowest = slopeFloor * threshold[neuron]!;
    const capped = lowest > 0 ? !(slope >= lowest) : slope === 0;
    if (change !== 0) {
      counts.spikes++;
      if (capped) counts.cappedJumps++;
    }
    membrane[neuron] = capped ? (lowest > 0 ? change / lowest : 0) : change / slope;
    released[neuron] = 0;
    held[neuron] = 0;
    const earlier = previous[spike]!;
    pending[neuron] = earlier;
    if (earlier !== -1 && currents.release[earlier] === bin) release(neuron);
  };

  return {
    claim: published && amplitude.includes(1) ? "heuristic" : "consistent",
    hiddenVoltages: { kind: "none" },
    accumulate(observation, weights, cotangent, gradient, counts) {
      begin(observation, weights, cotangent);
      const { index } = observation.spikes;
      const { index: source } = observation.inputs;
      let spike = observation.spikes.count - 1;
      let input = observation.inputs.count - 1;
      for (let bin = grid.bins - 1; bin >= 0; bin--) {
        for (; input >= 0 && (grid.input[input]! >= bin || grid.input[input] === -1); input--) {
          if (grid.input[input] !== -1) arrive(source[input]!, -1, weights, gradient);
        }
        const lastOfBin = spike;
        for (; spike >= 0 && (grid.spike[spike]! >= bin || grid.spike[spike] === -1); spike--) {
          if (grid.spike[spike] !== -1) arrive(inputs + index[spike]!, spike, weights, gradient);
        }
        inject(bin, observation, cotangent);
        if (bin === 0) break;
        stepBack(bin);
        for (let own = lastOfBin; own > spike; own--) {
          if (grid.spike[own] !== -1) jump(own, bin, index[own]!, counts);
        }
      }
    },
    bytesKept: (observation) => SPIKE_BYTES * observation.spikes.count,
  };
}

// The first half: currents and slopes at the spikes ---------------------------------------------------------

// Synaptic currents on a time grid, explicit Euler with injected spikes, and from them τ_m V̇ at each spike:
//
//     I[n+1] = I[n] (1 − dt/τ_s) + Σ w z[n]
//     before = I[z−1] − ϑ at a spike in bin z        after = I[r−1] − V_r at its release in bin r
//
// as in electronicvisions/hxtorch, spiking/functional/eventprop.py (there r = z). First half of the published
// scheme; see eventprop-grid.ts.

export interface GridCurrents {
  /** [spike], model units. */
  before: Float64Array;
  after: Float64Array;
  /** [spike] Bin in which the neuron is free again, at the latest its next spike's; `bins` when beyond the end. */
  release: Int32Array;
  /** Overwrites all three. */
  run(observation: Observation, weights: Float64Array): void;
}

function createGridCurrents(network: Network, grid: TimeGrid, targets: Targets): GridCurrents {
  const { neurons, inputs, constants } = network;
  const { dt, bins } = grid;
  const { threshold, reset } = constants;
  const held = constants.refractory.map((time) => Math.round(time / dt));
  const excDecay = constants.tauSynExc.map((tau) => 1 - dt / tau);
  const inhDecay = constants.tauSynInh.map((tau) => 1 - dt / tau);
  const exc = new Float64Array(neurons);
  const inh = new Float64Array(neurons);
  /** Spike of each neuron that waits for its release, −1: none. */
  const waiting = new Int32Array(neurons);

  const deliver = (source: number, weights: Float64Array): void => {
    const { first, row, from, to } = targets;
    for (let entry = first[source]!; entry < first[source + 1]!; entry++) {
      let at = row[entry]!;
      for (let neuron = from[entry]!; neuron < to[entry]!; neuron++, at++) {
        const weight = weights[at]!;
        if (weight >= 0) exc[neuron] = exc[neuron]! + weight;
        else inh[neuron] = inh[neuron]! + weight;
      }
    }
  };

  const currents: GridCurrents = {
    before: new Float64Array(256),
    after: new Float64Array(256),
    release: new Int32Array(256),
    run(observation, weights) {
      const { count, index } = observation.spikes;
      const { count: inputCount, index: source } = observation.inputs;
      if (currents.before.length < count) {
        currents.before = new Float64Array(2 * count);
        currents.after = new Float64Array(2 * count);
        currents.release = new Int32Array(2 * count);
      }
      const { before, after, release } = currents;
      exc.fill(0);
      inh.fill(0);
      waiting.fill(-1);
      const free = (neuron: number): void => {
        after[waiting[neuron]!] = exc[neuron]! + inh[neuron]! - reset[neuron]!;
        waiting[neuron] = -1;
      };
      let spike = 0;
      let arriving = 0;
      let input = 0;
      for (let bin = 0; bin < bins; bin++) {
        // Here `exc` and `inh` hold I[bin − 1].
        for (let neuron = 0; neuron < neurons; neuron++) {
          if (waiting[neuron] !== -1 && release[waiting[neuron]!] === bin) free(neuron);
        }
        for (; spike < count && grid.spike[spike]! <= bin; spike++) {
          if (grid.spike[spike] === -1) continue;
          const neuron = index[spike]!;
          if (waiting[neuron] !== -1) {
            release[waiting[neuron]!] = bin;
            free(neuron);
          }
          before[spike] = exc[neuron]! + inh[neuron]! - threshold[neuron]!;
          after[spike] = 0;
          release[spike] = Math.min(bin + held[neuron]!, bins);
          waiting[neuron] = spike;
          if (release[spike] === bin) free(neuron);
        }
        if (bin > 0) {
          for (let neuron = 0; neuron < neurons; neuron++) {
            exc[neuron] = exc[neuron]! * excDecay[neuron]!;
            inh[neuron] = inh[neuron]! * inhDecay[neuron]!;
          }
        }
        // What was injected at bin − 1 is part of I[bin]; add it now, so that the next turn finds I[bin].
        for (; arriving < count && grid.spike[arriving]! < bin; arriving++) {
          if (grid.spike[arriving] !== -1) deliver(inputs + index[arriving]!, weights);
        }
        for (; input < inputCount && grid.input[input]! < bin; input++) {
          if (grid.input[input] !== -1) deliver(source[input]!, weights);
        }
      }
    },
  };
  return currents;
}
