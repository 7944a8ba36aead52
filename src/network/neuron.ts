/** One neuron of a network with its constants prepared for the closed forms of src/neuron. */

import { FLOW_SIZE, type Membrane, membrane, writeFlow } from "../neuron/closed-form.ts";
import type { Arrivals } from "./arrivals.ts";
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

// Flows that neurons share ----------------------------------------------------------------------------------

// The flow over each gap between arrivals, computed once for neurons that all have the same time constants.

export interface SharedFlows {
  /**
   * The flow over gap k at [k · FLOW_SIZE …] for k = 0 … arrivals.count, valid until the next call;
   * undefined when the neurons do not share one. Entries of empty gaps are not written.
   */
  update(arrivals: Arrivals): Float64Array | undefined;
}

export function createSharedFlows(neurons: readonly Neuron[]): SharedFlows {
  if (neurons.length < 2 || !shareFlow(neurons)) return { update: () => undefined };
  const { membrane } = neurons[0]!;
  let flows = new Float64Array(64 * FLOW_SIZE);
  return {
    update({ count, gap }) {
      if (flows.length < (count + 1) * FLOW_SIZE) flows = new Float64Array(2 * (count + 1) * FLOW_SIZE);
      for (let k = 0; k <= count; k++) {
        if (gap[k]! > 0) writeFlow(membrane, gap[k]!, flows, k * FLOW_SIZE);
      }
      return flows;
    },
  };
}
