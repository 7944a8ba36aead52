/** Membranes on a time grid, from samples at whatever times they were taken. */

import type { VoltageSamples } from "../network/observation.ts";
import type { TimeGrid } from "./time-grid.ts";

/**
 * Writes membranes[neuron · grid.bins + bin] = V at time bin · dt: linear between samples, constant before the first
 * and after the last; 0, the resting potential, for neurons without samples.
 */
export function interpolateMembranes(
  { count, neuron, time, value }: VoltageSamples,
  { bins, dt }: TimeGrid,
  membranes: Float64Array,
): void {
  membranes.fill(0);
  let from = 0;
  while (from < count) {
    const sampled = neuron[from]!;
    let to = from;
    while (to < count && neuron[to] === sampled) to++;
    let right = from;
    for (let bin = 0; bin < bins; bin++) {
      const now = bin * dt;
      while (right < to && time[right]! < now) right++;
      const left = right - 1;
      let membrane: number;
      if (right === from) membrane = value[from]!;
      else if (right === to) membrane = value[left]!;
      else {
        const share = (now - time[left]!) / (time[right]! - time[left]!);
        membrane = value[left]! + share * (value[right]! - value[left]!);
      }
      membranes[sampled * bins + bin] = membrane;
    }
    from = to;
  }
}
