/**
 * First step of the adjoint of a layer: what decays from one spike of a neuron to the next (layer-trace.ts), while the
 * neuron is held and while it is free.
 */

import type { Population } from "../network/network.ts";
import { decay } from "../neuron/decay.ts";
import * as table from "./adjoint-constants.ts";
import { writeFlow } from "./adjoint-flow.ts";
import type { AdjointPass } from "./adjoint-pass.ts";
import * as trace from "./layer-trace.ts";
import { spikeTimeline } from "./spike-timeline.ts";

// Copied: see working-arrays.ts.
const { CONSTANTS, EXC_RATE, INH_RATE, EXC_HOLD, INH_HOLD } = table;
const { SPIKE, HOLD, FREE, layerTrace } = trace;

/** Writes the intervals of the trace. */
export function writeIntervals(
  { room, observation }: AdjointPass,
  { start, size }: Population,
  constants: Float64Array,
): void {
  const { spikes } = layerTrace(room);
  const { time, index } = observation.spikes;
  const { later, laterCount, previous, release } = spikeTimeline(room);
  for (let entry = 0; entry < laterCount; entry++) {
    const spike = later[entry]!;
    const column = index[spike]! - start;
    if (column < 0 || column >= size) continue;
    const before = previous[spike]!;
    const own = (start + column) * CONSTANTS;
    const at = spike * SPIKE;
    const free = time[spike]! - release[before]!;
    let exc = constants[own + EXC_HOLD]!;
    let inh = constants[own + INH_HOLD]!;
    if (free === 0) {
      // The spike may have come within the refractory time.
      const held = time[spike]! - time[before]!;
      exc = decay(constants[own + EXC_RATE]! * held);
      inh = decay(constants[own + INH_RATE]! * held);
    }
    spikes[at + HOLD] = exc;
    spikes[at + HOLD + 1] = inh;
    spikes[at + FREE] = free;
    writeFlow(constants, own, spikes, at + FREE);
  }
}
