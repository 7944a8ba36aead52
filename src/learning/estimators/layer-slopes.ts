/**
 * Slopes of membranes at their own spikes, from observed spikes alone: the synaptic currents, which nobody observes,
 * are run again with the network's constants.
 *
 *     before = V̇(t_k⁻) = (I(t_k⁻) − ϑ)/τ_m        after = V̇(release⁺) = (I(release⁺) − V_r)/τ_m,   I = I_e + I_i
 *
 * First half of the adjoint of a layer, neuron after neuron.
 */

import { decay } from "../../model/decay.ts";
import type { Population } from "../../network/network.ts";
import type { VoltageSamples } from "../../network/observation.ts";
import { CONSTANTS, EXC_RATE, INH_RATE, LEAK_RATE, RESET, THRESHOLD } from "./adjoint-constants.ts";
import { FLOW } from "./adjoint-flow.ts";
import type { AdjointPass } from "./adjoint-pass.ts";
import type { LayerArrivals } from "./layer-arrivals.ts";

/** In model units per µs; `after` is 0 where the release does not matter. */
export interface SpikeSlopes {
  /** [spike of the timeline] */
  before: Float64Array;
  after: Float64Array;
  /** Makes room for `count` spikes. */
  reserve(count: number): void;
}

export function spikeSlopes(): SpikeSlopes {
  const slopes: SpikeSlopes = {
    before: new Float64Array(256),
    after: new Float64Array(256),
    reserve(count) {
      if (slopes.before.length >= count) return;
      slopes.before = new Float64Array(2 * count);
      slopes.after = new Float64Array(2 * count);
    },
  };
  return slopes;
}

/**
 * Writes both slopes of all spikes of the population. After the last spike of a neuron without samples p is zero, so
 * that its slope at the release does not matter and is left 0.
 */
export function findSlopes(
  { observation, weights, timeline, cotangent }: AdjointPass,
  { start, size }: Population,
  { count, time, row, shared, flows }: LayerArrivals,
  constants: Float64Array,
  slopes: SpikeSlopes,
): void {
  slopes.reserve(timeline.count);
  const { before, after } = slopes;
  const { horizon, first, following, release } = timeline;
  const spikeTime = observation.spikes.time;
  const sampled = hasCotangent(observation.voltages, cotangent.voltage, start, start + size);
  for (let column = 0; column < size; column++) {
    const neuron = start + column;
    const place = neuron * CONSTANTS;
    const a = constants[place + LEAK_RATE]!;
    const b = constants[place + EXC_RATE]!;
    const c = constants[place + INH_RATE]!;
    const two = b !== c;
    // Currents just after the last arrival (in `exc` alone when they decay alike), and its time.
    let exc = 0;
    let inh = 0;
    let since = 0;
    let k = 0;
    for (let spike = first[neuron]!; spike !== -1; spike = following[spike]!) {
      const ends = sampled || following[spike] !== -1 ? 2 : 1;
      after[spike] = 0;
      for (let atRelease = 0; atRelease < ends; atRelease++) {
        const until = atRelease === 1 ? release[spike]! : spikeTime[spike]!;
        if (until > horizon) break;
        for (; k < count && time[k]! < until; k++) {
          const now = time[k]!;
          const weight = weights[row[k]! + column]!;
          if (k > 0) exc *= shared ? flows[k * FLOW + 1]! : decay(b * (now - since));
          if (two) {
            if (k > 0) inh *= shared ? flows[k * FLOW + 3]! : decay(c * (now - since));
            // Signs are random: arithmetic costs less than a branch that is guessed wrong.
            const negative = +(weight < 0);
            exc += (1 - negative) * weight;
            inh += negative * weight;
          } else {
            exc += weight;
          }
          since = now;
        }
        let current = exc * decay(b * (until - since));
        if (two) current += inh * decay(c * (until - since));
        if (atRelease === 1) after[spike] = a * (current - constants[place + RESET]!);
        else before[spike] = a * (current - constants[place + THRESHOLD]!);
      }
    }
  }
}

/** Whether a sample of the neurons from … to − 1 has a cotangent. */
function hasCotangent(
  { count, neuron }: VoltageSamples,
  voltage: Float64Array,
  from: number,
  to: number,
): boolean {
  for (let sample = 0; sample < count; sample++) {
    if (voltage[sample] !== 0 && neuron[sample]! >= from && neuron[sample]! < to) return true;
  }
  return false;
}
