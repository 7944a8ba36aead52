/**
 * Input spikes → events for the chip, and the record of what was sent.
 *
 * Inputs whose projection has delays are sent that much later: the host delays them, since a chip has no delays. Times
 * are rounded to the 8 ns clock. A link and a synapse driver take one event per clock, so of two inputs
 * that share a link or a PADI bus and fall on the same tick the later one in the list is sent a tick later (and
 * further when that is taken too). What was sent is what the observation reports as input times.
 */

import { TICK_US } from "../chip/limits.ts";
import type { SpikeBatch } from "../chip/types.ts";
import type { InputBatch } from "../network/observation.ts";
import { LINK_BIT } from "./crossbar.ts";
import type { Routing } from "./placement.ts";

/** What an event occupies for a tick: 8 PADI buses, then 4 links. */
const BUSES = 8;
const LANES = BUSES + 4;

/** Number of the lowest bit that is set. */
function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

export interface Encoder {
  /** The last batch; buffers are reused by the next call. */
  readonly batch: SpikeBatch;
  /** Input index of each event of the last batch. */
  readonly source: Int32Array;
  /** Events of the last batch that were moved by a tick or more to keep their link and bus free. */
  readonly moved: number;
  /** Inputs of the last batch that were not sent because they fell on or after the end of the sample. */
  readonly late: number;
  /** Inputs of the last batch that their delays pushed there. */
  readonly pushed: number;
  /** µs by which each input is delayed. */
  readonly delay: Float64Array;
  /**
   * Encodes a batch. Times in µs from the start of each sample, ascending; negative times are sent at 0.
   * Throws Error on a time that is not a number.
   */
  encode(inputs: InputBatch): SpikeBatch;
}

/** `duration` of a sample in ticks; what is in `delay` at the time of `encode` counts. */
export function createEncoder(
  routing: Routing,
  duration: number,
  delay = new Float64Array(routing.inputBuses.length),
): Encoder {
  let offset = new Int32Array(1);
  let tick = new Int32Array(0);
  let label = new Uint16Array(0);
  let source = new Int32Array(0);
  let batch: SpikeBatch = { entries: 0, duration, offset, tick, label };
  let moved = 0;
  let late = 0;
  let pushed = 0;
  const lastTick = new Int32Array(LANES);
  const lanesOf = Uint16Array.from(
    routing.inputBuses,
    (buses, input) => buses | (1 << (BUSES + (routing.inputLabel[input]! >> LINK_BIT))),
  );

  const reserve = (entries: number, events: number): void => {
    if (offset.length < entries + 1) offset = new Int32Array(entries + 1);
    if (tick.length < events) {
      tick = new Int32Array(events);
      label = new Uint16Array(events);
      source = new Int32Array(events);
    }
  };

  const freeTick = (wanted: number, lanes: number): number => {
    let free = wanted;
    for (let left = lanes; left !== 0; left &= left - 1) {
      const last = lastTick[lowestBit(left)]!;
      if (last >= free) free = last + 1;
    }
    for (let left = lanes; left !== 0; left &= left - 1) lastTick[lowestBit(left)] = free;
    return free;
  };

  return {
    get batch() {
      return batch;
    },
    get source() {
      return source;
    },
    get moved() {
      return moved;
    },
    get late() {
      return late;
    },
    get pushed() {
      return pushed;
    },
    delay,
    encode(inputs) {
      reserve(inputs.samples, inputs.offset[inputs.samples]!);
      moved = 0;
      late = 0;
      pushed = 0;
      let count = 0;
      for (let sample = 0; sample < inputs.samples; sample++) {
        const begin = count;
        offset[sample] = begin;
        for (let lane = 0; lane < LANES; lane++) lastTick[lane] = -1;
        const end = inputs.offset[sample + 1]!;
        for (let event = inputs.offset[sample]!; event < end; event++) {
          const time = inputs.time[event]!;
          if (Number.isNaN(time)) throw new Error(`time of input event ${event} is not a number`);
          const input = inputs.source[event]!;
          if (Math.round(time / TICK_US) >= duration) {
            late++;
            continue;
          }
          const wanted = Math.max(0, Math.round((time + delay[input]!) / TICK_US));
          if (wanted >= duration) {
            pushed++;
            continue;
          }
          const sent = freeTick(wanted, lanesOf[input]!);
          if (sent >= duration) {
            late++;
            continue;
          }
          if (sent !== wanted) moved++;
          // Events of other buses may now come before this one.
          let at = count++;
          while (at > begin && tick[at - 1]! > sent) {
            tick[at] = tick[at - 1]!;
            label[at] = label[at - 1]!;
            source[at] = source[at - 1]!;
            at--;
          }
          tick[at] = sent;
          label[at] = routing.inputLabel[input]!;
          source[at] = input;
        }
      }
      offset[inputs.samples] = count;
      batch = { entries: inputs.samples, duration, offset, tick, label };
      return batch;
    },
  };
}
