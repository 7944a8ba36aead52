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
  let normals = new Float32Array(256);
  let ticks = new Int32Array(256);
  let labels = new Int32Array(256);
  const free = new Int32Array(EVENT_OUTPUTS);

  const reserve = (count: number): void => {
    if (normals.length < count) {
      normals = new Float32Array(2 * count);
      ticks = new Int32Array(2 * count);
      labels = new Int32Array(2 * count);
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
      const { jitter } = timing;
      if (jitter > 0) noise.fillNormal(normals, spikes.count);
      const count = stampSpikes(spikes, labelOf, timing, normals, ticks, labels);
      const { entry, tick, label } = recording;
      const longestWait = QUEUE;
      free.fill(0);
      let kept = recording.count;
      let waited = false;
      let nextLoss = timing.loss > 0 ? passed(timing.loss, noise) : Number.POSITIVE_INFINITY;
      for (let i = 0; i < count; i++) {
        if (i === nextLoss) {
          output.dropped++;
          nextLoss += 1 + passed(timing.loss, noise);
          continue;
        }
        const arrival = ticks[i] as number;
        const own = labels[i] as number;
        const sender = own >> 8;
        const idle = free[sender] as number;
        const served = idle > arrival ? idle : arrival;
        if (served - arrival > longestWait) {
          output.dropped++;
          continue;
        }
        free[sender] = served + 1;
        if (served > duration) continue;
        if (served > arrival) waited = true;
        tick[kept] = served;
        label[kept] = own;
        entry[kept++] = entryIndex;
      }
      if (waited) sort(tick, label, recording.count, kept);
      recording.count = kept;
    },
  };
  return output;
}

/** How many events pass before one is lost, each with probability `loss`: geometric. */
function passed(loss: number, noise: EntryNoise): number {
  if (loss >= 1) return 0;
  return Math.floor(Math.log(1 - noise.uniform()) / Math.log(1 - loss));
}

/** Writes the spikes that go to the host to `ticks` and `labels`, ascending by tick, then label; returns their number. */
function stampSpikes(
  { count, time, neuron }: EmittedSpikes,
  labelOf: Int32Array,
  { latency, jitter }: OutputTiming,
  normals: Float32Array,
  ticks: Int32Array,
  labels: Int32Array,
): number {
  const perTick = TICK_US;
  let end = 0;
  for (let i = 0; i < count; i++) {
    const own = labelOf[neuron[i] as number] as number;
    if (own < 0) continue;
    const sent = (time[i] as number) + latency + jitter * (normals[i] as number);
    const tick = sent > 0 ? (sent / perTick + 0.5) | 0 : 0;
    // Spikes come nearly sorted.
    let place = end++;
    while (place > 0) {
      const before = ticks[place - 1] as number;
      if (before < tick || (before === tick && (labels[place - 1] as number) <= own)) break;
      ticks[place] = before;
      labels[place] = labels[place - 1] as number;
      place--;
    }
    ticks[place] = tick;
    labels[place] = own;
  }
  return end;
}

/** Insertion sort by tick, then label. */
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
