/**
 * Spikes in another order: all of a network in ascending time, and those of a population by neuron.
 *
 * Sorting by time is insertion within blocks, then natural merge sort: stable, O(n log n), no allocation once the scratch
 * has grown.
 */

import type { Population } from "./network.ts";
import { pushSpike, type SpikeList } from "./observation.ts";

/** Up to here insertion is faster than merging, whose branches cannot be predicted. */
const BLOCK = 48;

/** Sorts `list` by time in place; equal times keep their order. `scratch` is overwritten. */
export function sortSpikes(list: SpikeList, scratch: SpikeList): void {
  const { count } = list;
  if (scratch.time.length < list.time.length) {
    scratch.time = new Float64Array(list.time.length);
    scratch.index = new Int32Array(list.index.length);
  }
  for (let start = 0; start < count; start += BLOCK) insert(list, start, Math.min(start + BLOCK, count));
  while (mergeNeighboringRuns(list, scratch, count) > 1) {
    const { time, index } = list;
    list.time = scratch.time;
    list.index = scratch.index;
    scratch.time = time;
    scratch.index = index;
  }
}

/** Sorts entries start … end − 1. */
function insert({ time, index }: SpikeList, start: number, end: number): void {
  for (let k = start + 1; k < end; k++) {
    const t = time[k]!;
    const n = index[k]!;
    let at = k;
    for (; at > start && time[at - 1]! > t; at--) {
      time[at] = time[at - 1]!;
      index[at] = index[at - 1]!;
    }
    time[at] = t;
    index[at] = n;
  }
}

/**
 * Merges runs 1 and 2, 3 and 4, … of `from` into `to`; returns the number of runs found. Writes nothing when
 * there is only one.
 */
function mergeNeighboringRuns(from: SpikeList, to: SpikeList, count: number): number {
  const { time } = from;
  let runs = 0;
  let start = 0;
  while (start < count) {
    const middle = endOfRun(time, start, count);
    runs++;
    if (start === 0 && middle === count) return 1;
    const end = middle < count ? endOfRun(time, middle, count) : count;
    if (middle < count) runs++;
    merge(from, start, middle, end, to);
    start = end;
  }
  return runs;
}

function endOfRun(time: Float64Array, start: number, count: number): number {
  let end = start + 1;
  while (end < count && time[end]! >= time[end - 1]!) end++;
  return end;
}

function merge(from: SpikeList, start: number, middle: number, end: number, to: SpikeList): void {
  const { time, index } = from;
  const sortedTime = to.time;
  const sortedIndex = to.index;
  let left = start;
  let right = middle;
  for (let k = start; k < end; k++) {
    const source = right >= end || (left < middle && time[left]! <= time[right]!) ? left++ : right++;
    sortedTime[k] = time[source]!;
    sortedIndex[k] = index[source]!;
  }
}

/** Merges the ascending `from` into the ascending `into`; at equal times those of `into` come first. */
export function mergeSpikes(into: SpikeList, from: SpikeList): void {
  let left = into.count - 1;
  let right = from.count - 1;
  for (let k = 0; k < from.count; k++) pushSpike(into, from.time[k]!, from.index[k]!);
  const { time, index } = into;
  for (let k = into.count - 1; left >= 0 && right >= 0; k--) {
    if (time[left]! > from.time[right]!) {
      time[k] = time[left]!;
      index[k] = index[left--]!;
    } else {
      time[k] = from.time[right]!;
      index[k] = from.index[right--]!;
    }
  }
  // Entries of `from` before all of `into`.
  for (; right >= 0; right--) {
    time[right] = from.time[right]!;
    index[right] = from.index[right]!;
  }
}

// By neuron -------------------------------------------------------------------------------------------------

// The spikes of one population, sorted by neuron: those of neuron n are time[first[n] … first[n + 1] − 1].

export interface OwnSpikes {
  readonly first: Int32Array;
  time: Float64Array;
  /** Takes the population's spikes from those of the whole network, ascending in time. */
  update(spikes: SpikeList): void;
}

export function createOwnSpikes({ start, size }: Population): OwnSpikes {
  const first = new Int32Array(size + 1);
  const next = new Int32Array(size);
  const own: OwnSpikes = {
    first,
    time: new Float64Array(0),
    update({ count, time, index }) {
      if (own.time.length < count) own.time = new Float64Array(2 * count);
      first.fill(0);
      for (let k = 0; k < count; k++) {
        const neuron = index[k]! - start;
        if (neuron >= 0 && neuron < size) first[neuron + 1]!++;
      }
      for (let neuron = 0; neuron < size; neuron++) {
        first[neuron + 1]! += first[neuron]!;
        next[neuron] = first[neuron]!;
      }
      for (let k = 0; k < count; k++) {
        const neuron = index[k]! - start;
        if (neuron >= 0 && neuron < size) own.time[next[neuron]!++] = time[k]!;
      }
    },
  };
  return own;
}
