/**
 * The events that act on a group of populations from outside in one sample, merged and ascending in time:
 * spikes of inputs and of neurons computed before, and optionally sample points, times at which nothing arrives but
 * membranes are recorded.
 *
 * Every event also carries the gap to the one before it (to 0 for the first). One entry more than `count`
 * closes the list: the gap from the last event to the end of the sample.
 */

import type { Microseconds } from "../core/units.ts";
import type { Targets } from "./graph.ts";
import type { SpikeList } from "./observation.ts";

export interface Arrivals {
  count: number;
  time: Float64Array;
  gap: Float64Array;
  /** Targets.row of the event, or `SAMPLE_POINT`. */
  row: Int32Array;
  /** Targets.block of the event. */
  block: Int32Array;
}

/** The row of a time at which nothing arrives. */
export const SAMPLE_POINT = -1;

export function emptyArrivals(): Arrivals {
  return {
    count: 0,
    time: new Float64Array(64),
    gap: new Float64Array(64),
    row: new Int32Array(64),
    block: new Int32Array(64),
  };
}

/**
 * Collects the arrivals of one sample into `out`. Spike lists and sample points ascend in time and end by `duration`;
 * indices of `spikes` are neurons, whose sources start at `inputs`. At equal times spikes come first, then inputs,
 * then sample points, as in the adjoint.
 */
export function collectArrivals(
  out: Arrivals,
  fan: Targets,
  inputs: number,
  inputSpikes: SpikeList,
  spikes: SpikeList,
  samplePoints: Float64Array,
  duration: Microseconds,
): void {
  const { first } = fan;
  let input = 0;
  let spike = 0;
  let point = 0;
  let last = 0;
  out.count = 0;
  for (;;) {
    const inputTime = input < inputSpikes.count ? inputSpikes.time[input]! : Number.POSITIVE_INFINITY;
    const spikeTime = spike < spikes.count ? spikes.time[spike]! : Number.POSITIVE_INFINITY;
    const pointTime = point < samplePoints.length ? samplePoints[point]! : Number.POSITIVE_INFINITY;
    if (spikeTime <= inputTime && spikeTime <= pointTime) {
      if (spikeTime === Number.POSITIVE_INFINITY) break;
      const source = inputs + spikes.index[spike++]!;
      for (let entry = first[source]!; entry < first[source + 1]!; entry++) {
        push(out, spikeTime, spikeTime - last, fan.row[entry]!, fan.block[entry]!);
        last = spikeTime;
      }
    } else if (inputTime <= pointTime) {
      const source = inputSpikes.index[input++]!;
      for (let entry = first[source]!; entry < first[source + 1]!; entry++) {
        push(out, inputTime, inputTime - last, fan.row[entry]!, fan.block[entry]!);
        last = inputTime;
      }
    } else {
      push(out, pointTime, pointTime - last, SAMPLE_POINT, 0);
      last = pointTime;
      point++;
    }
  }
  if (out.count === out.time.length) grow(out);
  out.time[out.count] = duration;
  out.gap[out.count] = duration - last;
}

function push(out: Arrivals, time: number, gap: number, row: number, block: number): void {
  if (out.count === out.time.length) grow(out);
  out.time[out.count] = time;
  out.gap[out.count] = gap;
  out.row[out.count] = row;
  out.block[out.count] = block;
  out.count++;
}

function grow(out: Arrivals): void {
  const { time, gap, row, block } = out;
  const capacity = 2 * time.length;
  out.time = new Float64Array(capacity);
  out.time.set(time);
  out.gap = new Float64Array(capacity);
  out.gap.set(gap);
  out.row = new Int32Array(capacity);
  out.row.set(row);
  out.block = new Int32Array(capacity);
  out.block.set(block);
}
