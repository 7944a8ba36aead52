/**
 * The nearest network that does fit, for the hint under a refused placement: each size that matters is
 * lowered on its own until the whole network can be placed.
 */

import { ROWS, ROWS_PER_DRIVER } from "../chip/limits.ts";
import { buildNetwork, type Network } from "../network/network.ts";
import type { Shortage } from "./placement.ts";

/** One number of a network that can be changed. */
export type Size =
  | { readonly kind: "inputs" }
  | { readonly kind: "population"; readonly name: string }
  | { readonly kind: "rows"; readonly name: string };

/** The present value of a size. */
export function sizeOf(network: Network, size: Size): number {
  switch (size.kind) {
    case "inputs":
      return network.inputs;
    case "population":
      return network.populations.find(({ name }) => name === size.name)?.size ?? 0;
    case "rows":
      return network.projections.find(({ name }) => name === size.name)?.rows ?? 0;
  }
}

/** The same network with one size changed; constants are taken from the first neuron of each population. */
export function resized(network: Network, size: Size, value: number): Network {
  const { constants } = network;
  const populations = network.populations.map(({ name, model, start, size: now }) => ({
    name,
    model: model.kind,
    size: size.kind === "population" && size.name === name ? value : now,
    tauMem: constants.tauMem[start]!,
    tauSynExc: constants.tauSynExc[start]!,
    tauSynInh: constants.tauSynInh[start]!,
    threshold: constants.threshold[start]!,
    reset: constants.reset[start]!,
    refractory: constants.refractory[start]!,
  }));
  const projections = network.projections.map(({ name, from, to, rows }) => ({
    from,
    to,
    rows: size.kind === "rows" && size.name === name ? value : rows,
  }));
  const inputs = size.kind === "inputs" ? value : network.inputs;
  return buildNetwork(inputs, populations, projections, network.duration);
}

/** Signed rows of one neuron of coupled circuits: no more inputs can fit, nor copies, nor neurons. */
export const LARGEST = 8 * (ROWS / ROWS_PER_DRIVER);

/** The largest value below the present one with which the network is acceptable; undefined when none is. Bisects: what fits
 * with a value mostly fits with a smaller one. */
export function nearestFitting(
  network: Network,
  size: Size,
  acceptable: (candidate: Network) => boolean,
): number | undefined {
  let fits = 0;
  let tooLarge = Math.min(sizeOf(network, size), LARGEST + 1);
  while (tooLarge - fits > 1) {
    const middle = (fits + tooLarge) >> 1;
    if (acceptable(resized(network, size, middle))) fits = middle;
    else tooLarge = middle;
  }
  return fits === 0 ? undefined : fits;
}

/**
 * One sentence with the nearest sizes that fit, each on its own; if none does alone, one set of sizes that do
 * together. `attempt` says what is short of a candidate, or undefined when it can be placed.
 */
export function fittingHint(
  network: Network,
  shortage: Shortage,
  attempt: (candidate: Network) => Shortage | undefined,
): string {
  const ways: string[] = [];
  for (const size of sizesOf(shortage)) {
    const value = nearestFitting(network, size, (candidate) => attempt(candidate) === undefined);
    if (value !== undefined) ways.push(describe(size, value, sizeOf(network, size)));
  }
  if (ways.length > 0) return `The nearest that fits: ${ways.join(", or ")}.`;
  const together = fittingTogether(network, shortage, attempt);
  return together.length > 0
    ? `It fits with ${together.join(" together with ")}.`
    : "It does not fit however small a single population is made; use fewer populations or projections.";
}

/** Removes one shortage after the other, each by the first size that can. */
function fittingTogether(
  network: Network,
  first: Shortage,
  attempt: (candidate: Network) => Shortage | undefined,
): string[] {
  const changed: string[] = [];
  let present = network;
  let shortage: Shortage | undefined = first;
  while (shortage !== undefined) {
    const { resource, target }: Shortage = shortage;
    const removed = (candidate: Network): boolean => {
      const other = attempt(candidate);
      return other === undefined || other.resource !== resource || other.target !== target;
    };
    let found = false;
    for (const size of sizesOf(shortage)) {
      const value = nearestFitting(present, size, removed);
      if (value === undefined) continue;
      changed.push(describe(size, value, sizeOf(present, size)));
      present = resized(present, size, value);
      found = true;
      break;
    }
    if (!found || changed.length > network.populations.length + network.projections.length) return [];
    shortage = attempt(present);
  }
  return changed;
}

function sizesOf(shortage: Shortage): Size[] {
  const sizes: Size[] = [
    ...shortage.populations.map((name): Size => ({ kind: "population", name })),
    ...shortage.projections.map((name): Size => ({ kind: "rows", name })),
  ];
  if (shortage.inputs) sizes.push({ kind: "inputs" });
  return sizes;
}

function describe(size: Size, value: number, now: number): string {
  switch (size.kind) {
    case "inputs":
      return `${value} ${value === 1 ? "input" : "inputs"} instead of ${now}`;
    case "population":
      return `${value} ${value === 1 ? "neuron" : "neurons"} in "${size.name}" instead of ${now}`;
    case "rows":
      return `${value} ${value === 1 ? "row" : "rows"} per source of "${size.name}" instead of ${now}`;
  }
}
