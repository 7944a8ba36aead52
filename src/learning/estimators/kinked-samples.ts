/**
 * Samples that move with a spike. The maximum of a membrane may lie at the arrival of an (inhibitory) spike: V
 * rises before it and falls after it. The maximum is then V at that spike's time, and moves with it:
 *
 *     dV/dt_k = V̇(t_k⁻) = (I(t_k⁻) − V)/τ_m
 *
 * For smooth maxima the time of the maximum adds nothing, and for samples at fixed times a coincidence has no
 * derivative; so a sample counts as such a maximum when it lies at exactly the time of a spike that reaches its
 * neuron, with V̇ ≥ 0 before and ≤ 0 after. Part of the exact adjoint; rare, therefore computed directly.
 */

import type { Network } from "../../network/network.ts";
import type { Observation, SpikeList } from "../../network/observation.ts";
import type { Cotangent } from "../types.ts";
import type { FanOut, Outgoing } from "./fan-out.ts";

/** Adds ∂L/∂t_k through such samples to `moved[k]`, for the first `spikes` spikes of the observation. */
export function addKinkedSamples(
  network: Network,
  fan: FanOut,
  observation: Observation,
  weights: Float64Array,
  cotangent: Cotangent,
  spikes: number,
  moved: Float64Array,
): void {
  const { count, neuron, time, value } = observation.voltages;
  for (let sample = 0; sample < count; sample++) {
    const pull = cotangent.voltage[sample]!;
    if (pull === 0) continue;
    const spike = spikeAt(observation.spikes, spikes, time[sample]!);
    if (spike === -1) continue;
    const target = neuron[sample]!;
    const kick = weightTo(fan, weights, observation.spikes.index[spike]!, target);
    const excess = currentBefore(network, fan, observation, weights, target, time[sample]!) - value[sample]!;
    if (excess >= 0 && excess + kick <= 0) {
      moved[spike] = moved[spike]! + (pull * excess) / network.constants.tauMem[target]!;
    }
  }
}

/** Entry of the first `count` spikes that is at exactly `time`, −1 when there is none. */
function spikeAt({ time: times }: SpikeList, count: number, time: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low < count && times[low] === time ? low : -1;
}

/** Sum of the weights from one neuron to another. */
function weightTo(fan: FanOut, weights: Float64Array, from: number, to: number): number {
  return weightAlong(fan.outgoing[1 + fan.populationOf[from]!]!, weights, from, fan.populationOf[to]!, to);
}

function weightAlong(
  targets: readonly Outgoing[],
  weights: Float64Array,
  source: number,
  population: number,
  target: number,
): number {
  let sum = 0;
  for (const outgoing of targets) {
    if (outgoing.population === population)
      sum += weights[outgoing.base + source * outgoing.stride + target]!;
  }
  return sum;
}

/** I_e + I_i of `target` from everything that arrived before `time`. */
function currentBefore(
  { constants }: Network,
  { outgoing, populationOf }: FanOut,
  { inputs, spikes }: Observation,
  weights: Float64Array,
  target: number,
  time: number,
): number {
  const population = populationOf[target]!;
  const tauExc = constants.tauSynExc[target]!;
  const tauInh = constants.tauSynInh[target]!;
  let current = 0;
  for (let entry = 0; entry < inputs.count && inputs.time[entry]! < time; entry++) {
    const weight = weightAlong(outgoing[0]!, weights, inputs.index[entry]!, population, target);
    current += weight * Math.exp((inputs.time[entry]! - time) / (weight >= 0 ? tauExc : tauInh));
  }
  for (let entry = 0; entry < spikes.count && spikes.time[entry]! < time; entry++) {
    const source = spikes.index[entry]!;
    const targets = outgoing[1 + populationOf[source]!]!;
    const weight = weightAlong(targets, weights, source, population, target);
    current += weight * Math.exp((spikes.time[entry]! - time) / (weight >= 0 ? tauExc : tauInh));
  }
  return current;
}
