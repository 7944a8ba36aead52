/**
 * How far a network that fits could grow: each population, each projection's copies and the number of inputs on
 * its own, everything else as it is. For `eventprop inspect placement`.
 */

import { NEURONS } from "../chip/limits.ts";
import type { Network } from "../network/network.ts";
import { resized, type Size, sizeOf } from "./fitting.ts";
import { tryPlace } from "./place.ts";
import type { PlacementOptions } from "./placement.ts";

export interface Room {
  readonly size: Size;
  readonly now: number;
  /** Largest value up to which every value fits. */
  readonly largest: number;
}

/** One entry per population, projection and the inputs; `options` as the network was placed with. */
export function placementRoom(network: Network, options: PlacementOptions = {}): Room[] {
  const sizes: Size[] = [
    ...network.populations.map(({ name }): Size => ({ kind: "population", name })),
    ...network.projections.map(({ name }): Size => ({ kind: "rows", name })),
    { kind: "inputs" },
  ];
  return sizes.map((size) => {
    const now = sizeOf(network, size);
    let largest = now;
    while (largest < NEURONS && !("resource" in tryPlace(resized(network, size, largest + 1), options)))
      largest++;
    return { size, now, largest };
  });
}
