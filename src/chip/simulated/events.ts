/**
 * The way of events into the chip and out of it. Both ways lose events and let others wait in queues of limited length
 * (docs/hardware.md, "Links").
 */

import { EVENT_OUTPUTS, EVENTS_PER_TICK, TICK_US } from "../limits.ts";
import type { SpikeBatch, SpikeRecording } from "../types.ts";
import type { EntryNoise } from "./noise.ts";

// Into the chip ---------------------------------------------------------------------------------------------

/** Ticks that an event can wait. Assumed. */
const LONGEST_WAIT = 32;

/** Events of one entry as the kernel takes them, in the order in which they were sent; `count` are valid. */
export interface ArrivedEvents {
  count: number;
  dropped: number;
  /** µs */
  time: Float64Array;
  /** Jump row. */
  row: Int32Array;
}

export interface EventInput {
  readonly arrived: ArrivedEvents;
  /**
   * Lets the events of entry `entry` in.
   *
   * @param rowOf jump row of each 16-bit label; negative: reaches nothing
   * @param loss probability that an event is lost
   */
  accept(batch: SpikeBatch, entry: number, rowOf: Int32Array, loss: number, noise: EntryNoise): void;
}

export function createEventInput(): EventInput {
  const arrived: ArrivedEvents = {
    count: 0,
    dropped: 0,
    time: new Float64Array(0),
    row: new Int32Array(0),
  };

  return {
    arrived,
    accept(batch, entry, rowOf, loss, noise) {
      const from = batch.offset[entry]!;
      const to = batch.offset[entry + 1]!;
      if (arrived.time.length < to - from) {
        arrived.time = new Float64Array(2 * (to - from));
        arrived.row = new Int32Array(2 * (to - from));
      }
      const { time, row } = arrived;
      const { tick, label } = batch;
      /** The tick that takes events at present, and how many it has taken. */
      let now = 0;
      let taken = 0;
      let count = 0;
      let dropped = 0;
      for (let i = from; i < to; i++) {
        if (loss > 0 && noise.uniform() < loss) {
          dropped++;
          continue;
        }
        const sent = tick[i]!;
        if (sent > now) {
          now = sent;
          taken = 0;
        } else if (taken === EVENTS_PER_TICK) {
          if (now + 1 - sent > LONGEST_WAIT) {
            dropped++;
            continue;
          }
          now++;
          taken = 0;
        }
        taken++;
        const target = rowOf[label[i]!]!;
        if (target < 0) continue;
        time[count] = now * TICK_US;
        row[count++] = target;
      }
      arrived.count = count;
      arrived.dropped = dropped;
    },
  };
}

// Out of the chip -------------------------------------------------------------------------------------------

// The way of spikes out of the chip: time stamps of 8 ns after a fixed latency, jitter, losses, and the queue of
// each event output, which passes one event per tick for its 64 neurons and drops what does not fit.

/**
 * Events that wait at one event output. Assumed, sized so that about half of 512 neurons firing together pass,
 * as calix's threshold test accepts.
 */
const QUEUE = 32;
/** µs; what is imported would be looked up for every spike. */
const TICK = TICK_US;

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
  const free = new Int32Array(EVENT_OUTPUTS);

  const reserve = (count: number): void => {
    if (normals.length < count) normals = new Float32Array(2 * count);
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
      if (timing.jitter > 0) noise.fillNormal(normals, spikes.count);
      const { entry, tick, label } = recording;
      const from = recording.count;
      const end = stampSpikes(spikes, labelOf, timing, normals, tick, label, from);
      for (let sender = 0; sender < EVENT_OUTPUTS; sender++) free[sender] = 0;
      let kept = from;
      let firstWaited = -1;
      let lost = nextLost(from, end, timing.loss, noise);
      for (let i = from; i < end; i++) {
        if (i === lost) {
          output.dropped++;
          lost = nextLost(i + 1, end, timing.loss, noise);
          continue;
        }
        const arrival = tick[i]!;
        const own = label[i]!;
        const sender = own >> 8;
        const idle = free[sender]!;
        const served = idle > arrival ? idle : arrival;
        if (served - arrival > QUEUE) {
          output.dropped++;
          continue;
        }
        free[sender] = served + 1;
        if (served > duration) continue;
        const waited = served > arrival;
        if (waited && firstWaited < 0) firstWaited = kept;
        if (waited || kept < i) {
          tick[kept] = served;
          label[kept] = own;
        }
        entry[kept++] = entryIndex;
      }
      if (firstWaited >= 0) sort(tick, label, firstWaited, kept);
      recording.count = kept;
    },
  };
  return output;
}

/** Place of the next event that is lost, each with probability `loss`, so after geometric gaps; `end`: none. */
function nextLost(from: number, end: number, loss: number, noise: EntryNoise): number {
  if (loss <= 0) return end;
  const gap = loss < 1 ? Math.floor(Math.log(1 - noise.uniform()) / Math.log(1 - loss)) : 0;
  // As an integer, so that the loop over events compares integers.
  return Math.min(from + gap, end) | 0;
}

/** Writes the spikes that go to the host from `from` on, ascending by tick, then label; returns where they end. */
function stampSpikes(
  { count, time, neuron }: EmittedSpikes,
  labelOf: Int32Array,
  { latency, jitter }: OutputTiming,
  normals: Float32Array,
  tick: Int32Array,
  label: Uint16Array,
  from: number,
): number {
  let end = from;
  let lastTick = -1;
  let lastLabel = 0;
  for (let i = 0; i < count; i++) {
    const own = labelOf[neuron[i]!]!;
    if (own < 0) continue;
    const sent = time[i]! + latency + jitter * normals[i]!;
    const stamp = sent > 0 ? (sent / TICK + 0.5) | 0 : 0;
    let place = end++;
    if (stamp < lastTick || (stamp === lastTick && own < lastLabel)) {
      place = makeRoom(tick, label, from, place, stamp, own);
    } else {
      lastTick = stamp;
      lastLabel = own;
    }
    tick[place] = stamp;
    label[place] = own;
  }
  return end;
}

/** Moves the last of the events from … end − 1 up by one as far as they come after this one; returns its place. */
function makeRoom(
  tick: Int32Array,
  label: Uint16Array,
  from: number,
  end: number,
  stamp: number,
  own: number,
): number {
  let place = end;
  while (place > from) {
    const before = tick[place - 1]!;
    const other = label[place - 1]!;
    if (before < stamp || (before === stamp && other <= own)) break;
    tick[place] = before;
    label[place] = other;
    place--;
  }
  return place;
}

/** Insertion sort by tick, then label. */
function sort(tick: Int32Array, label: Uint16Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    const stamp = tick[i]!;
    const own = label[i]!;
    const place = makeRoom(tick, label, from, i, stamp, own);
    if (place === i) continue;
    tick[place] = stamp;
    label[place] = own;
  }
}
