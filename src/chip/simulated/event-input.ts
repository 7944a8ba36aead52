/**
 * The way of external events into the chip: losses, and three events per tick, on whatever links. Later ones wait; those
 * that would wait too long are dropped (docs/hardware.md, "Links").
 */

import { EVENTS_PER_TICK, TICK_US } from "../limits.ts";
import type { SpikeBatch } from "../types.ts";
import type { EntryNoise } from "./noise.ts";

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
