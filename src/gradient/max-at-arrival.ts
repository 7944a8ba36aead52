/**
 * Maxima over time that move with a spike. The maximum of a membrane may lie at the arrival of an inhibitory spike: V
 * rises before it and falls after it. The maximum is then V at that spike's time, and moves with it:
 *
 *     dV/dt_k = V̇(t_k⁻) = (I(t_k⁻) − V)/τ_m
 *
 * All other maxima have no such term. The time of a smooth maximum adds nothing, since V̇ = 0 there. The maximum of a
 * neuron at its own spike is its threshold, a constant, whatever arrives at the same time. Samples at fixed times do
 * not move. Part of the exact adjoint; rare, therefore computed directly.
 */

import type { Cotangent } from "../loss/types.ts";
import type { Network } from "../network/network.ts";
import type { Observation, SpikeList } from "../network/observation.ts";
import { decay } from "../neuron/decay.ts";

/**
 * Adds ∂L/∂t_k through such maxima to `spikeTimeGradient[k]`, for the first `count` spikes of the observation. Where
 * several spikes arrive at the same time, the maximum is the arrival of the one that turns V down. Neurons
 * with a 1 in `elsewhere` are left out.
 */
export function addMaximaAtArrivals(
  network: Network,
  observation: Observation,
  weights: Float64Array,
  cotangent: Cotangent,
  count: number,
  spikeTimeGradient: Float64Array,
  elsewhere?: Uint8Array,
): void {
  const { spikes, voltages } = observation;
  if (!voltages.areMaxima) return;
  for (let sample = 0; sample < voltages.count; sample++) {
    const slope = cotangent.voltage[sample]!;
    if (slope === 0 || elsewhere?.[voltages.neuron[sample]!] === 1) continue;
    const time = voltages.time[sample]!;
    const first = firstAt(spikes, count, time);
    if (first === -1) continue;
    const target = voltages.neuron[sample]!;
    if (spikesAt(spikes, first, count, target)) continue;
    const excess = currentBefore(network, observation, weights, target, time) - voltages.value[sample]!;
    let current = excess;
    for (let spike = first; spike < count && spikes.time[spike] === time; spike++) {
      const before = current;
      current += weightBetween(network, weights, network.inputs + spikes.index[spike]!, target);
      if (!(before >= 0 && current <= 0 && current < before)) continue;
      spikeTimeGradient[spike] =
        spikeTimeGradient[spike]! + (slope * excess) / network.constants.tauMem[target]!;
      break;
    }
  }
}

/** First of the first `count` spikes that is at exactly `time`, −1 when there is none. */
function firstAt({ time: times }: SpikeList, count: number, time: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low < count && times[low] === time ? low : -1;
}

/** Whether a neuron is among the spikes at the time of spike `first`. */
function spikesAt({ time, index }: SpikeList, first: number, count: number, neuron: number): boolean {
  for (let spike = first; spike < count && time[spike] === time[first]; spike++) {
    if (index[spike] === neuron) return true;
  }
  return false;
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
