/**
 * Synaptic currents on a time grid, explicit Euler with injected spikes, and from them τ_m V̇ at each spike:
 *
 *     I[n+1] = I[n] (1 − dt/τ_s) + Σ w z[n]
 *     before = I[z−1] − ϑ at a spike in bin z        after = I[r−1] − V_r at its release in bin r
 *
 * as in electronicvisions/hxtorch, spiking/functional/eventprop.py (there r = z). First half of the published
 * scheme; see eventprop-grid.ts.
 */

import type { Network } from "../network/network.ts";
import type { Observation } from "../network/observation.ts";
import type { StageTargets } from "./stage-targets.ts";
import type { TimeGrid } from "./time-grid.ts";

export interface GridCurrents {
  /** [spike], model units. */
  before: Float64Array;
  after: Float64Array;
  /** [spike] Bin in which the neuron is free again, at the latest its next spike's; `bins` when beyond the end. */
  release: Int32Array;
  /** Overwrites all three. */
  run(observation: Observation, weights: Float64Array): void;
}

export function createGridCurrents(network: Network, grid: TimeGrid, targets: StageTargets): GridCurrents {
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
