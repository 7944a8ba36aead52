/** Rows of jumps, one value for each neuron: they are not padded to vectors. */

import { COUNT_0, VECTORS_0 } from "../src/chip/kernel/layout";

/** Byte offset of vector p in a row. */
// @ts-ignore: decorator
@inline
export function inRow(p: usize): usize {
  const boundary: usize = load<u32>(VECTORS_0) << 4;
  return p < boundary ? p : p - boundary + (<usize>load<u32>(COUNT_0) << 2);
}
