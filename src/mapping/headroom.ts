/**
 * How far a network that fits could grow: each population, each projection's copies and the number of inputs on
 * its own, everything else as it is. For `eventprop inspect placement`.
 */

import type { Network } from "../network/network.ts";
import { LARGEST, resized, type Size, sizeOf } from "./fitting.ts";
import { tryPlace } from "./place.ts";
import type { PlacementOptions } from "./placement.ts";

export interface Headroom {
  readonly size: Size;
  readonly now: number;
  /** Found by bisection: it fits, and one more does not. */
  readonly largest: number;
}

/** One entry per population, projection and the inputs; `options` as the network was placed with. */
export function placementHeadroom(network: Network, options: PlacementOptions = {}): Headroom[] {
  const sizes: Size[] = [
    ...network.populations.map(({ name }): Size => ({ kind: "population", name })),
    ...network.projections.map(({ name }): Size => ({ kind: "rows", name })),
    { kind: "inputs" },
  ];
  return sizes.map((size) => {
    const now = sizeOf(network, size);
    const fits = (value: number): boolean =>
      !("resource" in tryPlace(resized(network, size, value), options));
    let largest = now;
    let tooLarge = 2 * now;
    while (tooLarge <= LARGEST && fits(tooLarge)) {
      largest = tooLarge;
      tooLarge *= 2;
    }
    while (tooLarge - largest > 1) {
      const middle = (largest + tooLarge) >> 1;
      if (middle <= LARGEST && fits(middle)) largest = middle;
      else tooLarge = middle;
    }
    return { size, now, largest };
  });
}
