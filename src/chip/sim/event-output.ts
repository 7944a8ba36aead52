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

/** Spikes of one entry as the kernel gives them, nearly ascending in time; the first `count` are valid. */
export interface EmittedSpikes {
  readonly count: number;
  /** µs */
  readonly time: Float64Array;
  readonly neuron: Int32Array;
}

export interface EventOutput {
  readonly recording: SpikeRecording;
  dropped: number;
  /** Forgets the recording of the last run. */
  clear(): void;
  /**
   * Stamps, queues, sorts and records the spikes of entry `entry`; stamps after `duration` ticks are left out.
   *
   * @param labelOf label that each of the kernel's neurons sends to the host; negative: none
   */
  record(
    spikes: EmittedSpikes,
    labelOf: Int32Array,
    entry: number,
    duration: number,
    timing: OutputTiming,
    noise: EntryNoise,
  ): void;
}

export function createEventOutput(): EventOutput {
  const recording: SpikeRecording = {
    count: 0,
    entry: new Int32Array(0),
    tick: new Int32Array(0),
    label: new Uint16Array(0),
  };
  let normals = new Float32Array(0);
  let uniforms = new Float32Array(0);
  const free = new Int32Array(EVENT_OUTPUTS);

  const reserve = (count: number): void => {
    if (normals.length < count) {
      normals = new Float32Array(2 * count);
      uniforms = new Float32Array(2 * count);
    }
    if (recording.tick.length >= recording.count + count) return;
    const capacity = Math.max(1024, 2 * (recording.count + count));
    const { entry, tick, label } = recording;
    recording.entry = new Int32Array(capacity);
    recording.tick = new Int32Array(capacity);
    recording.label = new Uint16Array(capacity);
    recording.entry.set(entry);
    recording.tick.set(tick);
    recording.label.set(label);
  };

  /** Appends the spikes that go to the host, stamped; returns the end. */
  const stamp = (spikes: EmittedSpikes, labelOf: Int32Array, { latency, jitter }: OutputTiming): number => {
    const { tick, label } = recording;
    let end = recording.count;
    for (let i = 0; i < spikes.count; i++) {
      const own = labelOf[spikes.neuron[i] as number] as number;
      if (own < 0) continue;
      const time = (spikes.time[i] as number) + latency + jitter * (normals[i] as number);
      tick[end] = time > 0 ? Math.round(time / TICK_US) : 0;
      label[end++] = own;
    }
    return end;
  };

  const output: EventOutput = {
    recording,
    dropped: 0,
    clear() {
      recording.count = 0;
      output.dropped = 0;
    },
    record(spikes, labelOf, entryIndex, duration, timing, noise) {
      if (spikes.count === 0) return;
      reserve(spikes.count);
      const { loss, jitter } = timing;
      if (jitter > 0) noise.fillNormal(normals, spikes.count);
      if (loss > 0) noise.fillUniform(uniforms, spikes.count);
      const { entry, tick, label } = recording;
      const start = recording.count;
      const end = stamp(spikes, labelOf, timing);
      sort(tick, label, start, end);
      free.fill(0);
      let kept = start;
      let waited = false;
      for (let i = start; i < end; i++) {
        if (loss > 0 && (uniforms[i - start] as number) < loss) {
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
        waited ||= served > arrival;
        tick[kept] = served;
        label[kept] = label[i] as number;
        entry[kept++] = entryIndex;
      }
      if (waited) sort(tick, label, start, kept);
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
