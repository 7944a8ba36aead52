/**
 * The way of spikes out of the chip: time stamps of 8 ns after a fixed latency, jitter, losses, and the queue of
 * each event output, which passes one event per tick for its 64 neurons and drops what does not fit.
 */

import { EVENT_OUTPUTS, TICK_US } from "../limits.ts";
import type { SpikeRecording } from "../types.ts";
import type { EntryNoise } from "./noise.ts";

/**
 * Events that wait at one event output. Assumed, sized so that about half of 512 neurons firing together pass,
 * as calix's threshold test accepts.
 */
const QUEUE = 32;

export interface OutputTiming {
  /** µs */
  readonly latency: number;
  readonly jitter: number;
  readonly loss: number;
}

export interface EventOutput {
  readonly recording: SpikeRecording;
  dropped: number;
  /** Forgets the recording of the last run. */
  clear(): void;
  /** Adds a spike of the current entry. @param time of the threshold crossing, µs */
  send(time: number, label: number): void;
  /** Stamps and sorts the spikes sent since the last call; stamps after `duration` ticks are not recorded. */
  finishEntry(entry: number, duration: number, timing: OutputTiming, noise: EntryNoise): void;
}

export function createEventOutput(): EventOutput {
  const recording: SpikeRecording = {
    count: 0,
    entry: new Int32Array(0),
    tick: new Int32Array(0),
    label: new Uint16Array(0),
  };
  let start = 0;
  let end = 0;
  let time = new Float64Array(0);
  const free = new Int32Array(EVENT_OUTPUTS);

  const grow = (): void => {
    const capacity = Math.max(1024, 2 * end);
    const old = { ...recording, time };
    recording.entry = new Int32Array(capacity);
    recording.tick = new Int32Array(capacity);
    recording.label = new Uint16Array(capacity);
    time = new Float64Array(capacity);
    recording.entry.set(old.entry);
    recording.tick.set(old.tick);
    recording.label.set(old.label);
    time.set(old.time);
  };

  const output: EventOutput = {
    recording,
    dropped: 0,
    clear() {
      start = 0;
      end = 0;
      recording.count = 0;
      output.dropped = 0;
    },
    send(at, label) {
      if (end === time.length) grow();
      time[end] = at;
      recording.label[end++] = label;
    },
    finishEntry(entry, duration, timing, noise) {
      const { label, tick } = recording;
      const { latency, jitter, loss } = timing;
      for (let i = start; i < end; i++) {
        const shift = jitter > 0 ? latency + jitter * noise.normal() : latency;
        tick[i] = Math.max(0, Math.round(((time[i] as number) + shift) / TICK_US));
      }
      sort(tick, label, start, end);
      free.fill(0);
      let kept = start;
      for (let i = start; i < end; i++) {
        if (loss > 0 && noise.uniform() < loss) {
          output.dropped++;
          continue;
        }
        const sender = (label[i] as number) >> 8;
        const arrival = tick[i] as number;
        const served = Math.max(arrival, free[sender] as number);
        if (served - arrival > QUEUE) {
          output.dropped++;
          continue;
        }
        free[sender] = served + 1;
        if (served > duration) continue;
        tick[kept] = served;
        label[kept] = label[i] as number;
        recording.entry[kept++] = entry;
      }
      sort(tick, label, start, kept);
      start = kept;
      end = kept;
      recording.count = kept;
    },
  };
  return output;
}

/** Insertion sort by tick, then label: spikes come nearly sorted. */
function sort(tick: Int32Array, label: Uint16Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    const t = tick[i] as number;
    const l = label[i] as number;
    let place = i;
    while (
      place > from &&
      ((tick[place - 1] as number) > t || (tick[place - 1] === t && (label[place - 1] as number) > l))
    ) {
      tick[place] = tick[place - 1] as number;
      label[place] = label[place - 1] as number;
      place--;
    }
    tick[place] = t;
    label[place] = l;
  }
}
