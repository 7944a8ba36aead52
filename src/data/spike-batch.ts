/** Collects the input spikes of samples and puts each sample in order: ascending time, equal times ascending source. */

import type { InputBatch } from "../network/observation.ts";

/** @param emit calls `spike` for every spike of the sample, in any order */
export function spikeBatch(
  samples: number,
  emit: (sample: number, spike: (source: number, time: number) => void) => void,
): InputBatch {
  let time = new Float64Array(1024);
  let source = new Int32Array(1024);
  const offset = new Int32Array(samples + 1);
  let count = 0;
  const spike = (from: number, at: number): void => {
    if (count === time.length) {
      time = grown(time, new Float64Array(2 * count));
      source = grown(source, new Int32Array(2 * count));
    }
    time[count] = at;
    source[count] = from;
    count++;
  };
  for (let sample = 0; sample < samples; sample++) {
    const start = count;
    emit(sample, spike);
    sortSpikes(time, source, start, count);
    offset[sample + 1] = count;
  }
  const id = Int32Array.from({ length: samples }, (_, i) => i);
  return { samples, offset, time: time.slice(0, count), source: source.slice(0, count), id };
}

/** Sorts spikes `from` … `to`−1 in place. */
export function sortSpikes(time: Float64Array, source: Int32Array, from: number, to: number): void {
  const times = time.slice(from, to);
  const sources = source.slice(from, to);
  const order = Uint32Array.from(times, (_, i) => i);
  order.sort((a, b) => times[a]! - times[b]! || sources[a]! - sources[b]! || a - b);
  order.forEach((place, i) => {
    time[from + i] = times[place]!;
    source[from + i] = sources[place]!;
  });
}

function grown<Values extends Float64Array | Int32Array>(old: Values, room: Values): Values {
  room.set(old);
  return room;
}
