/**
 * The way of external events into the chip: losses, and one event per tick and link. Events that arrive on a busy
 * link wait; those that would wait longer than the queue are dropped (docs/hardware.md, "Links").
 */

import { PADI_BUSES, TICK_US } from "../limits.ts";
import type { SpikeBatch } from "../types.ts";
import type { EntryNoise } from "./noise.ts";

/** Events that can wait on one link from the FPGA. Assumed. */
const QUEUE = 32;

/** Events of one entry as the kernel takes them, ascending in time; `count` are valid. */
export interface ArrivedEvents {
  count: number;
  dropped: number;
  /** µs */
  time: Float64Array;
  /** Kick row. */
  row: Int32Array;
}

export interface EventInput {
  readonly arrived: ArrivedEvents;
  /**
   * Lets the events of entry `entry` in.
   *
   * @param rowOf kick row of each 16-bit label; negative: reaches nothing
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
  const free = new Int32Array(PADI_BUSES);

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
      for (let link = 0; link < PADI_BUSES; link++) free[link] = 0;
      let count = 0;
      let dropped = 0;
      for (let i = from; i < to; i++) {
        if (loss > 0 && noise.uniform() < loss) {
          dropped++;
          continue;
        }
        const link = label[i]! >> 14;
        const sent = tick[i]!;
        const served = Math.max(sent, free[link]!);
        if (served - sent > QUEUE) {
          dropped++;
          continue;
        }
        free[link] = served + 1;
        const kick = rowOf[label[i]!]!;
        if (kick < 0) continue;
        const arrival = served * TICK_US;
        let place = count++;
        while (place > 0 && time[place - 1]! > arrival) {
          time[place] = time[place - 1]!;
          row[place] = row[place - 1]!;
          place--;
        }
        time[place] = arrival;
        row[place] = kick;
      }
      arrived.count = count;
      arrived.dropped = dropped;
    },
  };
}
