/**
 * Spikes as booleans on a time grid, as published software sees them: bin n covers [n dt, (n + 1) dt).
 *
 * Inputs go to the nearest grid time (the published encoding), observed spikes and samples to the bin they fall
 * in. Several spikes of a source in one bin are one; the later ones are dropped and have no gradient.
 */

import type { Microseconds } from "../core/units.ts";
import type { Network } from "../network/network.ts";
import type { Observation, SpikeList } from "../network/observation.ts";

export interface TimeGrid {
  readonly dt: Microseconds;
  /** Grid times 0, dt, … up to and including the first that is not before the end of the sample. */
  readonly bins: number;
  /** [spike], [input spike]: its bin, ascending; −1 when dropped. */
  spike: Int32Array;
  input: Int32Array;
  /** Overwrites both. */
  read(observation: Observation): void;
  binOf(time: Microseconds): number;
}

/** So that a time that is a multiple of dt up to rounding falls in the bin that it starts. */
const ROUNDING = 1e-9;

export function createTimeGrid(network: Network, dt: Microseconds): TimeGrid {
  const bins = Math.ceil(network.duration / dt - ROUNDING) + 1;
  const lastBin = new Int32Array(network.inputs + network.neurons);
  const clamp = (bin: number): number => Math.min(Math.max(bin, 0), bins - 1);
  const binOf = (time: number): number => clamp(Math.floor(time / dt + ROUNDING));
  const fill = (list: SpikeList, firstSource: number, nearest: number, into: Int32Array): Int32Array => {
    const out = into.length < list.count ? new Int32Array(2 * list.count) : into;
    for (let entry = 0; entry < list.count; entry++) {
      const bin = binOf(list.time[entry]! + nearest);
      const source = firstSource + list.index[entry]!;
      out[entry] = bin === lastBin[source] ? -1 : bin;
      lastBin[source] = bin;
    }
    return out;
  };
  const grid: TimeGrid = {
    dt,
    bins,
    spike: new Int32Array(256),
    input: new Int32Array(64),
    read({ inputs, spikes }) {
      lastBin.fill(-1);
      grid.input = fill(inputs, 0, 0.5 * dt, grid.input);
      grid.spike = fill(spikes, network.inputs, 0, grid.spike);
    },
    binOf,
  };
  return grid;
}

/** The option `dt` of estimators on a grid. */
export function gridIncompatibility(network: Network, dt: Microseconds): string | undefined {
  const { tauMem, tauSynExc, tauSynInh } = network.constants;
  let shortest = Number.POSITIVE_INFINITY;
  for (const taus of [tauMem, tauSynExc, tauSynInh]) {
    for (const tau of taus) shortest = Math.min(shortest, tau);
  }
  if (dt < shortest && dt < network.duration) return undefined;
  return `a time step of ${dt} us is too long: the shortest time constant is ${shortest} us`;
}
