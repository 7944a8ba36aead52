/**
 * First step of the adjoint of a layer: what decays from one spike of a neuron to the next (layer-trace.ts), while the
 * neuron is held and while it is free.
 */

import { decay } from "../../model/decay.ts";
import type { Population } from "../../network/network.ts";
import { CONSTANTS, EXC_HOLD, EXC_RATE, INH_HOLD, INH_RATE } from "./adjoint-constants.ts";
import { writeFlow } from "./adjoint-flow.ts";
import type { AdjointPass } from "./adjoint-pass.ts";
import { FREE, HOLD, layerTrace, SPIKE } from "./layer-trace.ts";
import { spikeTimeline } from "./spike-timeline.ts";

// Imports are looked up wherever they are used, constants of the module itself are not.
const numbers = CONSTANTS;
const [stride, hold, flow] = [SPIKE, HOLD, FREE];
const [ofExcHold, ofInhHold] = [EXC_HOLD, INH_HOLD];

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
    const own = (start + column) * numbers;
    const at = spike * stride;
    const free = time[spike]! - release[before]!;
    let exc = constants[own + ofExcHold]!;
    let inh = constants[own + ofInhHold]!;
    if (free === 0) {
      // The spike may have come within the refractory time.
      const held = time[spike]! - time[before]!;
      exc = decay(constants[own + EXC_RATE]! * held);
      inh = decay(constants[own + INH_RATE]! * held);
    }
    spikes[at + hold] = exc;
    spikes[at + hold + 1] = inh;
    spikes[at + flow] = free;
    writeFlow(constants, own, spikes, at + flow);
  }
}
