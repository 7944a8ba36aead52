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

import type { Cotangent } from "../loss/types.ts";
import type { Network } from "../network/network.ts";
import type { Observation, SpikeList } from "../network/observation.ts";
import { decay } from "../neuron/decay.ts";

/** Adds ∂L/∂t_k through such samples to `moved[k]`, for the first `spikes` spikes of the observation. */
export function addKinkedSamples(
  network: Network,
  observation: Observation,
  weights: Float64Array,
  cotangent: Cotangent,
  spikes: number,
  moved: Float64Array,
): void {
  const { count, neuron, time, value } = observation.voltages;
  const { voltage } = cotangent;
  for (let sample = 0; sample < count; sample++) {
    const pull = voltage[sample]!;
    if (pull === 0) continue;
    const spike = spikeAt(observation.spikes, spikes, time[sample]!);
    if (spike === -1) continue;
    const target = neuron[sample]!;
    const kick = weightBetween(network, weights, network.inputs + observation.spikes.index[spike]!, target);
    const current = currentBefore(network, observation, weights, target, time[sample]!);
    const excess = current - value[sample]!;
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

/** Sum of the weights from a source (inputs first, then neurons) to a neuron. */
function weightBetween({ projections }: Network, weights: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (const { sourceStart, sources, targetStart, targets, offset } of projections) {
    const source = from - sourceStart;
    const target = to - targetStart;
    if (source < 0 || source >= sources || target < 0 || target >= targets) continue;
    sum += weights[offset + source * targets + target]!;
  }
  return sum;
}

/** I_e + I_i of neuron `target` from everything that arrived before `time`. */
function currentBefore(
  network: Network,
  { inputs, spikes }: Observation,
  weights: Float64Array,
  target: number,
  time: number,
): number {
  let current = 0;
  for (const { sourceStart, sources, targetStart, targets, offset } of network.projections) {
    const column = target - targetStart;
    if (column < 0 || column >= targets) continue;
    const external = sourceStart < network.inputs;
    const list = external ? inputs : spikes;
    const first = external ? sourceStart : sourceStart - network.inputs;
    const rateExc = 1 / network.constants.tauSynExc[target]!;
    const rateInh = 1 / network.constants.tauSynInh[target]!;
    for (let entry = 0; entry < list.count && list.time[entry]! < time; entry++) {
      const source = list.index[entry]! - first;
      if (source < 0 || source >= sources) continue;
      const weight = weights[offset + source * targets + column]!;
      current += weight * decay((time - list.time[entry]!) * (weight >= 0 ? rateExc : rateInh));
    }
  }
  return current;
}
