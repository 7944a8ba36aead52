/** The flow over each gap between arrivals, computed once for neurons that all have the same time constants. */

import { FLOW_SIZE, writeFlow } from "../neuron/flow.ts";
import type { Arrivals } from "./arrivals.ts";
import { type Neuron, shareFlow } from "./neuron.ts";

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
