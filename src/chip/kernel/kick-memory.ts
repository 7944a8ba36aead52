/** Jumps on their way into the memory of the WebAssembly kernel. */

import type { KicksReach } from "./kernel.ts";

/** All bits but the sign. */
const SIZE = 0x7fffffff;

/**
 * Overwrites what rows reach in `into`. Returns whether a jump became 0 or ceased to be; on the bits of numbers, since
 * which jumps are 0 cannot be predicted and branches would cost more than all the rest.
 */
export function copyReached(
  jumps: Float32Array,
  into: Float32Array,
  rows: number,
  count: number,
  { from, to }: KicksReach,
): boolean {
  const source = bitsOf(jumps);
  const target = bitsOf(into);
  // Negated, all numbers but 0 have their sign bit set.
  let changed = 0;
  for (let row = 0; row < rows; row++) {
    const end = row * count + to[row]!;
    for (let k = row * count + from[row]!; k < end; k++) {
      const jump = source[k]!;
      changed |= -(jump & SIZE) ^ -(target[k]! & SIZE);
      target[k] = jump;
    }
  }
  return changed < 0;
}

function bitsOf({ buffer, byteOffset, length }: Float32Array): Int32Array {
  return new Int32Array(buffer, byteOffset, length);
}
