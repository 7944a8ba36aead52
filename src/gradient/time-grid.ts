/**
 * Spikes as booleans on a time grid, as published software sees them: bin n covers [n dt, (n + 1) dt).
 *
 * Inputs go to the nearest grid time (the published encoding), observed spikes and samples to the bin they fall
 * in. Several spikes of a source in one bin are one; the later ones are dropped and have no gradient.
 */

import { formatTime, type Microseconds } from "../core/units.ts";
import type { Cotangent } from "../loss/types.ts";
import { beyondClosedForm } from "../network/adaptive-neurons.ts";
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

/** Values of one kind that an estimator on a grid may hold: 80 MB each. */
const MOST_VALUES = 1e7;

/**
 * Why a network, or steps of `dt` (key `estimator.dt`), cannot be served on a grid; undefined when they can.
 * @param adaptive the estimator knows ALIF, too
 */
export function gridIncompatibility(
  network: Network,
  dt: Microseconds,
  adaptive = false,
): string | undefined {
  const reason = beyondClosedForm(network, adaptive);
  if (reason !== undefined) {
    const known = adaptive ? "this estimator has LIF, LI and ALIF" : "this estimator has LIF and LI";
    return `on a time grid ${known}, without delays and with fixed constants, but ${reason}`;
  }
  const { tauMem, tauSynExc, tauSynInh } = network.constants;
  const { tauAdaptation, tauThreshold } = network.extra;
  const ofAdaptation = network.populations
    .filter(({ model }) => !model.closedForm)
    .flatMap(({ start, size }) =>
      [tauAdaptation, tauThreshold].map((taus) => taus.slice(start, start + size)),
    );
  const shortest = [tauMem, tauSynExc, tauSynInh, ...ofAdaptation].reduce(
    (least, taus) => taus.reduce((least, tau) => Math.min(least, tau), least),
    network.duration,
  );
  if (dt >= shortest) {
    const what = shortest === network.duration ? "sample" : "shortest time constant";
    return (
      `steps of ${formatTime(dt)} (\`estimator.dt\`) are too long: the ${what} is ${formatTime(shortest)}; ` +
      `${formatTime(shortest / 10)} would do`
    );
  }
  const values = network.neurons * (network.duration / dt);
  if (values > MOST_VALUES) {
    const least = Number(((network.neurons * network.duration) / MOST_VALUES).toPrecision(2)) * 1.1;
    return (
      `steps of ${formatTime(dt)} (\`estimator.dt\`) are too short: ${network.neurons} neurons over ` +
      `${formatTime(network.duration)} make ${values.toExponential(1)} values, and at most ` +
      `${MOST_VALUES.toExponential(0)} are held; ${formatTime(Number(least.toPrecision(2)))} would do`
    );
  }
  return undefined;
}

// Samples by bin --------------------------------------------------------------------------------------------

// Samples with a cotangent, by the bin of a time grid that they fall in.

export interface BinnedSamples {
  /** [bin] A sample of the bin, −1 when it has none. */
  readonly first: Int32Array;
  /** [sample] The next sample of the same bin, −1 after the last. */
  following: Int32Array;
  /** Overwrites both. */
  read(observation: Observation, cotangent: Cotangent): void;
}

export function createBinnedSamples(grid: TimeGrid): BinnedSamples {
  const samples: BinnedSamples = {
    first: new Int32Array(grid.bins),
    following: new Int32Array(64),
    read({ voltages: { count, time } }, { voltage }) {
      if (samples.following.length < count) samples.following = new Int32Array(2 * count);
      samples.first.fill(-1);
      for (let sample = 0; sample < count; sample++) {
        if (voltage[sample] === 0) continue;
        const bin = grid.binOf(time[sample]!);
        samples.following[sample] = samples.first[bin]!;
        samples.first[bin] = sample;
      }
    },
  };
  return samples;
}
