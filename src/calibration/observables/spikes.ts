/** Spikes of a calibration run by neuron: addresses are those of default-config.ts, so a label names its neuron. */

import { COLUMNS, COLUMNS_PER_EVENT_OUTPUT, TICK_US } from "../../chip/limits.ts";
import type { SpikeRecording } from "../../chip/types.ts";
import type { Microseconds } from "../../core/units.ts";

/** Inverse of the label that a neuron with its default address sends. */
export function spikingNeuron(label: number): number {
  const address = label & 0xff;
  const column = (label >> 8) * COLUMNS_PER_EVENT_OUTPUT + (address % COLUMNS_PER_EVENT_OUTPUT);
  return address >= COLUMNS_PER_EVENT_OUTPUT ? COLUMNS + column : column;
}

/** Calls `visit` for every spike in order of entry and time. */
export function forEachSpike(
  spikes: SpikeRecording,
  visit: (neuron: number, entry: number, time: Microseconds) => void,
): void {
  const { count, entry, tick, label } = spikes;
  for (let i = 0; i < count; i++) {
    visit(spikingNeuron(label[i]!), entry[i]!, tick[i]! * TICK_US);
  }
}
