/**
 * A feed-forward network that is too large for a chip, cut into runs that follow each other on one: spikes that are recorded in
 * a run are the inputs of later ones (electronicvisions/hxtorch: tutorial 13 does it by hand). Populations are taken in the
 * order in which signals pass them, as many whole ones into a run as fit together; one that does not fit alone is cut into
 * the fewest slices of equal size that do. A network with loops cannot be cut: its spikes would be wanted before they are
 * known.
 */

import type { UserError } from "../core/errors.ts";
import { INPUT, type Network, type Population, type Projection } from "../network/network.ts";
import { placeNetwork, tryPlace } from "./place.ts";
import type { Placement, PlacementOptions } from "./placement.ts";

/** Neurons first … first + size − 1 of a population. */
export interface Slice {
  readonly population: Population;
  readonly first: number;
  readonly size: number;
}

/** One run: a network of its own, whose inputs are inputs and neurons of the whole one. */
export interface NetworkPart {
  readonly slices: readonly Slice[];
  readonly network: Network;
  readonly placement: Placement;
  /** Of the whole network: the source (inputs first, then neurons) of each input, the index of each neuron and weight. */
  readonly sources: Int32Array;
  readonly neurons: Int32Array;
  readonly weights: Int32Array;
  /** Index of each projection among those of the whole network. */
  readonly projections: readonly number[];
}

/** A network that is run in parts which follow each other. */
export interface Runs {
  readonly parts: readonly NetworkPart[];
}

/**
 * Places a network whole, or in runs where it is too large. Deterministic.
 * @throws UserError("placement") as `placeNetwork` when neither is possible
 */
export function placeInRuns(network: Network, options: PlacementOptions = {}): Placement | Runs {
  const whole = tryPlace(network, options);
  if (!("resource" in whole)) return whole;
  const parts = cut(network, options);
  if (parts !== undefined) return { parts };
  try {
    return placeNetwork(network, options);
  } catch (error) {
    const refusal = error as UserError;
    if (flowOrder(network) === undefined)
      refusal.message += " A network with loops cannot be cut into runs that follow each other.";
    throw refusal;
  }
}

/** The runs of a feed-forward network; undefined when it has loops, or a single neuron does not fit. */
function cut(network: Network, options: PlacementOptions): NetworkPart[] | undefined {
  const order = flowOrder(network);
  if (order === undefined) return undefined;
  const parts: NetworkPart[] = [];
  let open: { slices: Slice[]; part: NetworkPart } | undefined;
  for (const population of order) {
    const whole = { population, first: 0, size: population.size };
    const joined = open === undefined ? undefined : partOf(network, [...open.slices, whole], options);
    if (open !== undefined && joined !== undefined) {
      open = { slices: [...open.slices, whole], part: joined };
      continue;
    }
    if (open !== undefined) parts.push(open.part);
    open = undefined;
    const alone = partOf(network, [whole], options);
    if (alone !== undefined) {
      open = { slices: [whole], part: alone };
      continue;
    }
    const slices = sliced(network, population, options);
    if (slices === undefined) return undefined;
    parts.push(...slices);
  }
  if (open !== undefined) parts.push(open.part);
  return parts;
}

/** The fewest slices of equal size that fit, one run each. */
function sliced(
  network: Network,
  population: Population,
  options: PlacementOptions,
): NetworkPart[] | undefined {
  for (let count = 2; count <= population.size; count++) {
    const largest = { population, first: 0, size: Math.ceil(population.size / count) };
    if (partOf(network, [largest], options) === undefined) continue;
    const bounds = Array.from({ length: count + 1 }, (_, k) => Math.round((k * population.size) / count));
    const parts = bounds.slice(1).map((end, k) => {
      const first = bounds[k] as number;
      return partOf(network, [{ population, first, size: end - first }], options);
    });
    if (parts.every((part) => part !== undefined)) return parts;
  }
  return undefined;
}

/** Populations in an order in which every one comes after those that project to it; undefined when there is none. */
function flowOrder({ populations, projections }: Network): Population[] | undefined {
  const order: Population[] = [];
  while (order.length < populations.length) {
    const known = new Set([INPUT, ...order.map(({ name }) => name)]);
    const next = populations.find(
      ({ name }) => !known.has(name) && projections.every(({ from, to }) => to !== name || known.has(from)),
    );
    if (next === undefined) return undefined;
    order.push(next);
  }
  return order;
}

/** A run of these slices, if it fits a chip; its inputs are all sources outside of it. */
function partOf(
  network: Network,
  chosen: readonly Slice[],
  options: PlacementOptions,
): NetworkPart | undefined {
  const slices = [...chosen].sort((a, b) => a.population.start - b.population.start);
  const populations: Population[] = [];
  let neurons = 0;
  for (const { population, size } of slices) {
    populations.push({ ...population, start: neurons, size });
    neurons += size;
  }
  const indices = Int32Array.from(
    slices.flatMap(({ population, first, size }) =>
      Array.from({ length: size }, (_, k) => population.start + first + k),
    ),
  );
  const inside = (name: string): Population | undefined => populations.find((one) => one.name === name);
  const into = network.projections.filter(({ to }) => inside(to) !== undefined);
  // Groups of sources outside, each once.
  const sources: number[] = [];
  const startOf = new Map<string, number>();
  for (const { from, sourceStart, sources: count } of into) {
    if (startOf.has(from) || inside(from) !== undefined) continue;
    startOf.set(from, sources.length);
    for (let source = sourceStart; source < sourceStart + count; source++) sources.push(source);
  }
  const projections: Projection[] = [];
  const weights: number[] = [];
  for (const projection of into) {
    const target = inside(projection.to) as Population;
    const { first } = slices[populations.indexOf(target)] as Slice;
    const within = inside(projection.from);
    projections.push({
      ...projection,
      from: within === undefined ? INPUT : projection.from,
      sourceStart: within === undefined ? startOf.get(projection.from)! : sources.length + within.start,
      targetStart: target.start,
      targets: target.size,
      offset: weights.length,
    });
    for (let source = 0; source < projection.sources; source++) {
      const row = projection.offset + source * projection.targets + first;
      for (let k = 0; k < target.size; k++) weights.push(row + k);
    }
  }
  const pick = <Arrays extends object>(arrays: Arrays): Arrays =>
    Object.fromEntries(
      Object.entries(arrays).map(([name, values]) => [
        name,
        Float64Array.from(indices, (index) => (values as Float64Array)[index]!),
      ]),
    ) as Arrays;
  const part: Network = {
    inputs: sources.length,
    neurons,
    populations,
    projections,
    constants: pick(network.constants),
    extra: pick(network.extra),
    weights: weights.length,
    segments: [],
    parameters: weights.length,
    duration: network.duration,
  };
  const placement = tryPlace(part, options);
  if ("resource" in placement) return undefined;
  return {
    slices,
    network: part,
    placement,
    sources: Int32Array.from(sources),
    neurons: indices,
    weights: Int32Array.from(weights),
    projections: into.map((projection) => network.projections.indexOf(projection)),
  };
}
