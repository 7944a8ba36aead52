/** One neuron of a network with its constants prepared for the closed forms of src/neuron. */

import { type Membrane, membrane } from "../neuron/membrane.ts";
import type { Network, Population } from "./network.ts";

export interface Neuron {
  /** Index over all populations. */
  readonly index: number;
  readonly membrane: Membrane;
  /** V_r, model units. */
  readonly reset: number;
  /** t_ref, µs. */
  readonly refractory: number;
}

/** The neurons of a population, in order. */
export function neuronsOf(
  { constants }: Network,
  { start, size }: Pick<Population, "start" | "size">,
): readonly Neuron[] {
  return Array.from({ length: size }, (_, offset) => {
    const index = start + offset;
    return {
      index,
      membrane: membrane(
        constants.tauMem[index]!,
        constants.tauSynExc[index]!,
        constants.tauSynInh[index]!,
        constants.threshold[index]!,
      ),
      reset: constants.reset[index]!,
      refractory: constants.refractory[index]!,
    };
  });
}

/** Whether all neurons move alike between events, so that one flow serves them all. */
export function shareFlow(neurons: readonly Neuron[]): boolean {
  const first = neurons[0]?.membrane;
  return neurons.every(
    ({ membrane: { leakRate, excRate, inhRate } }) =>
      leakRate === first?.leakRate && excRate === first.excRate && inhRate === first.inhRate,
  );
}

/** Whether a neuron can spike at all. */
export function spiking({ membrane: { threshold } }: Neuron): boolean {
  return threshold < Number.POSITIVE_INFINITY;
}
