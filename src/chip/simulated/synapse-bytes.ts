/**
 * One byte of every synapse, 0 … 63, as last written. Weights are rewritten as a whole before every batch, but most
 * synapses are not in use: stretches of rows that stay as they are are neither checked nor copied.
 */

import { SYNAPSES } from "../config.ts";

export interface SynapseBytes {
  /** Compares and checks; false when a byte is out of range. Nothing is changed yet. */
  accepts(given: Uint8Array): boolean;
  /** Takes what was accepted last; returns whether anything changed. */
  take(): boolean;
}

/** 16 rows. */
const STRETCH = 4096;

/** `bytes` is written by `take`; it holds valid bytes and starts its buffer. */
export function synapseBytes(bytes: Uint8Array): SynapseBytes {
  const own = Buffer.from(bytes.buffer);
  const next = Buffer.from(new ArrayBuffer(SYNAPSES));
  const quads = new Uint32Array(next.buffer);
  const changed = new Int32Array(SYNAPSES / STRETCH);
  let changes = 0;
  return {
    accepts(given) {
      changes = 0;
      for (let from = 0; from < SYNAPSES; from += STRETCH) {
        const to = from + STRETCH;
        if (own.compare(given, from, to, from, to) === 0) continue;
        next.set(given.subarray(from, to), from);
        if (!sixBits(quads, from / 4, to / 4)) return false;
        changed[changes++] = from;
      }
      return true;
    },
    take() {
      for (let i = 0; i < changes; i++) {
        const from = changed[i]!;
        next.copy(own, from, from, from + STRETCH);
      }
      return changes > 0;
    },
  };
}

/** Whether all bytes of the quads from … to − 1 are at most 63, four quads at a time. */
function sixBits(quads: Uint32Array, from: number, to: number): boolean {
  let bits = 0;
  for (let i = from; i < to; i += 4) {
    bits |= quads[i]! | quads[i + 1]! | quads[i + 2]! | quads[i + 3]!;
  }
  return (bits & 0xc0c0c0c0) === 0;
}
