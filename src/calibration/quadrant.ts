/** Which quadrant (capmem block) a neuron belongs to: top left, top right, bottom left, bottom right. */

import { COLUMNS, COLUMNS_PER_QUADRANT } from "../chip/limits.ts";

export function quadrantOf(neuron: number): number {
  return 2 * Math.floor(neuron / COLUMNS) + (neuron % COLUMNS >= COLUMNS_PER_QUADRANT ? 1 : 0);
}
