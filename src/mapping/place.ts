/**
 * Network → Placement. Second step of the path from experiment to chip; route.ts is asked whether an
 * assignment of circuits can be connected.
 *
 * A neuron that needs more inputs than one circuit has is coupled of 2, 4 or 8 neighbors, aligned to their number; a
 * circuit that must not be used excludes such a group.
 *
 * What limits a network is rows: a circuit has 256, that is 128 signed inputs, 32 on each PADI bus, and the
 * column of a neuron decides on which bus its events arrive. So neurons that send are dealt out one by one to
 * the bus where the population they project to has most drivers left. External inputs may use any bus and
 * fill what remains. Different target populations never compete for rows: they own different columns.
 *
 * Strategies in fixed order, the first that can be routed wins:
 *   `apart`  populations without outgoing connections on the bottom, the others on top, so that a recording
 *            of a readout's membranes transfers one hemisphere only;
 *   `alternate`  populations on the top and the bottom in turn, so that a chain of layers spreads its events
 *            (and their labels) over the buses of both;
 *   `whole`  each population on the first hemisphere that takes all of it;
 *   `split`  populations may straddle the hemispheres.
 */

import { eventOutputOf, hemisphereOf } from "../chip/coordinates.ts";
import { EVENT_OUTPUTS, HEMISPHERES, NEURONS, PADI_BUSES, ROWS, ROWS_PER_DRIVER } from "../chip/limits.ts";
import { UserError } from "../core/errors.ts";
import type { Network, Population } from "../network/network.ts";
import { fittingHint } from "./fitting.ts";
import { COUPLED_CIRCUITS, type Placement, type PlacementOptions, type Shortage } from "./placement.ts";
import { fanIn, routeNetwork, rowShortage } from "./route.ts";

/** Hemispheres that may be used, in order of preference, or undefined when the strategy does not apply. */
type Choice = (population: Population, free: readonly [number, number]) => readonly number[];

const STRATEGIES: readonly { readonly name: string; readonly make: (network: Network) => Choice }[] = [
  {
    name: "apart",
    make: (network) => {
      const anySends = network.populations.some((population) => sends(network, population));
      return (population) => [anySends && !sends(network, population) ? 1 : 0];
    },
  },
  {
    name: "alternate",
    make: (network) => (population) => [network.populations.indexOf(population) % HEMISPHERES],
  },
  {
    name: "whole",
    make: (network) => (population, free) => {
      const order = sends(network, population) ? [0, 1] : [1, 0];
      return order.filter((hemisphere) => free[hemisphere]! >= population.size).slice(0, 1);
    },
  },
  {
    name: "split",
    make: (network) => (population) => (sends(network, population) ? [0, 1] : [1, 0]),
  },
];

/**
 * Places and routes a network. Deterministic.
 * @throws UserError("placement") naming the exhausted resource, by how much, and the nearest size that fits
 */
export function placeNetwork(network: Network, options: PlacementOptions = {}): Placement {
  const found = tryPlace(network, options);
  if (!("resource" in found)) return found;
  const attempt = (candidate: Network): Shortage | undefined => {
    const result = tryPlace(candidate, options);
    return "resource" in result ? result : undefined;
  };
  throw new UserError("placement", found.message, { hint: fittingHint(network, found, attempt) });
}

/** Like `placeNetwork`, but returns what is short instead of throwing. */
export function tryPlace(network: Network, options: PlacementOptions): Placement | Shortage {
  const exclude = options.exclude ?? new Uint8Array(NEURONS);
  const excluded = exclude.reduce((sum, flag) => sum + (flag === 0 ? 0 : 1), 0);
  const circuits = coupledCircuits(network, options.circuits ?? {});
  let shortage = rowShortage(network, circuits) ?? neuronShortage(network, circuits, exclude, excluded);
  if (shortage !== undefined) return shortage;
  for (const { name, make } of STRATEGIES) {
    const neuron = assignCircuits(network, circuits, make(network), exclude, options.constraints ?? {});
    if (!(neuron instanceof Int32Array)) {
      shortage = neuron;
      continue;
    }
    const routing = routeNetwork(network, neuron, circuits);
    if (!("resource" in routing)) return { strategy: name, neuron, circuits, excluded, routing };
    shortage = routing;
  }
  return shortage as Shortage;
}

function sends(network: Network, population: Population): boolean {
  return network.projections.some((projection) => projection.from === population.name);
}

/** Number of circuits of each neuron: as wished, else the least whose rows take all inputs, or the most there can be. */
function coupledCircuits(network: Network, wishes: Readonly<Record<string, number>>): Uint8Array {
  const circuits = new Uint8Array(network.neurons);
  const most = COUPLED_CIRCUITS[COUPLED_CIRCUITS.length - 1] as number;
  for (const population of network.populations) {
    const rows = ROWS_PER_DRIVER * fanIn(network, population);
    const least = COUPLED_CIRCUITS.find((coupled) => rows <= coupled * ROWS) ?? most;
    const { name, start, size } = population;
    circuits.fill(wishes[name] ?? least, start, start + size);
  }
  return circuits;
}

function neuronShortage(
  network: Network,
  circuits: Uint8Array,
  exclude: Uint8Array,
  excluded: number,
): Shortage | undefined {
  const needed = circuits.reduce((sum, coupled) => sum + coupled, 0);
  const coupled = Math.max(0, ...circuits);
  // Where all neurons are coupled alike, a circuit that is excluded takes its group with it.
  const alike = circuits.every((own) => own === coupled);
  const usable = alike && coupled > 1 ? coupled * groupsLeft(exclude, coupled) : NEURONS - excluded;
  if (needed <= usable) return undefined;
  const without = excluded === 0 ? "" : ` (${NEURONS} less ${NEURONS - usable} excluded)`;
  const has =
    needed === network.neurons
      ? `the network has ${network.neurons}`
      : `the network has ${network.neurons} of ${needed} circuits`;
  return {
    resource: "neurons",
    message: `Not enough neurons: ${has}, the chip has ${usable}${without}, ` + `${needed - usable} too few.`,
    excess: needed - usable,
    target: undefined,
    populations: network.populations.map((population) => population.name),
    projections: [],
    inputs: false,
  };
}

/** Whether `coupled` circuits from `first` on are free. */
function isFree(taken: Uint8Array, first: number, coupled: number): boolean {
  for (let circuit = first; circuit < first + coupled; circuit++) if (taken[circuit] !== 0) return false;
  return true;
}

function groupsLeft(taken: Uint8Array, coupled: number): number {
  let groups = 0;
  for (let first = 0; first < NEURONS; first += coupled) groups += isFree(taken, first, coupled) ? 1 : 0;
  return groups;
}

/** First circuits of free groups of `coupled` by hemisphere and event output, each list ascending. */
function freeGroups(taken: Uint8Array, coupled: number): number[][][] {
  const free = Array.from({ length: HEMISPHERES }, () =>
    Array.from({ length: EVENT_OUTPUTS }, (): number[] => []),
  );
  for (let first = 0; first < NEURONS; first += coupled) {
    if (isFree(taken, first, coupled)) free[hemisphereOf(first)]?.[eventOutputOf(first)]?.push(first);
  }
  return free;
}

/** First circuit of each neuron, or what is short. Large neurons go first, then populations that send: their bus matters. */
function assignCircuits(
  network: Network,
  circuits: Uint8Array,
  choice: Choice,
  exclude: Uint8Array,
  constraints: Readonly<Record<string, number>>,
): Int32Array | Shortage {
  const neuron = new Int32Array(network.neurons).fill(-1);
  const taken = exclude.slice();
  // Drivers taken per event output by the sources of each target population.
  const load = new Map(network.populations.map(({ name }) => [name, new Int32Array(EVENT_OUTPUTS)]));
  const constrained = (population: Population): number => (population.name in constraints ? 0 : 1);
  const order = [...network.populations].sort(
    (a, b) =>
      circuits[b.start]! - circuits[a.start]! ||
      constrained(a) - constrained(b) ||
      Number(sends(network, b)) - Number(sends(network, a)) ||
      a.start - b.start,
  );
  for (const population of order) {
    const coupled = circuits[population.start]!;
    const free = freeGroups(taken, coupled);
    const left = (hemisphere: number): number =>
      (free[hemisphere] as number[][]).reduce((sum, groups) => sum + groups.length, 0);
    const wish = constraints[population.name];
    const hemispheres = wish === undefined ? choice(population, [left(0), left(1)]) : [wish];
    const room = hemispheres.reduce((sum, hemisphere) => sum + left(hemisphere), 0);
    if (room < population.size) return hemisphereShortage(population, coupled, hemispheres, room);
    const loads = network.projections
      .filter((projection) => projection.from === population.name)
      .map((projection) => ({ drivers: load.get(projection.to) as Int32Array, rows: projection.rows }));
    for (let index = 0; index < population.size; index++) {
      const circuit = takeCircuit(free, hemispheres, loads);
      neuron[population.start + index] = circuit;
      taken.fill(1, circuit, circuit + coupled);
      const output = eventOutputOf(circuit);
      for (const { drivers, rows } of loads) drivers[output] = drivers[output]! + rows;
    }
  }
  return neuron;
}

/**
 * Removes and returns the next group of circuits, by its first: of the bus, then of the event output, with the fewest drivers taken; then
 * of the preferred hemisphere, the event output with most circuits left (bursts are lost where many neurons
 * share one), the lowest column.
 */
function takeCircuit(
  free: number[][][],
  hemispheres: readonly number[],
  loads: readonly { readonly drivers: Int32Array }[],
): number {
  const most = (taken: (drivers: Int32Array) => number): number =>
    loads.reduce((high, { drivers }) => Math.max(high, taken(drivers)), 0);
  let best: number[] = [];
  let bestRank: readonly number[] = [];
  hemispheres.forEach((hemisphere, preference) => {
    for (let output = 0; output < EVENT_OUTPUTS; output++) {
      const circuits = free[hemisphere]?.[output] as number[];
      if (circuits.length === 0) continue;
      const partner = (output + PADI_BUSES) % EVENT_OUTPUTS;
      const onBus = most((drivers) => drivers[output]! + drivers[partner]!);
      const onOutput = most((drivers) => drivers[output]!);
      const rank = [onBus, onOutput, preference, -circuits.length];
      if (best.length === 0 || isLower(rank, bestRank)) {
        best = circuits;
        bestRank = rank;
      }
    }
  });
  return best.shift() as number;
}

/** Lexicographic order. */
function isLower(rank: readonly number[], than: readonly number[]): boolean {
  const first = rank.findIndex((value, i) => value !== than[i]);
  return first >= 0 && rank[first]! < than[first]!;
}

function hemisphereShortage(
  population: Population,
  coupled: number,
  hemispheres: readonly number[],
  room: number,
): Shortage {
  const groups = coupled === 1 ? "" : ` groups of ${coupled} circuits`;
  const where = hemispheres.length === 1 ? `hemisphere ${hemispheres[0]} has` : "the hemispheres have";
  return {
    resource: "neurons",
    message:
      `Not enough neurons: "${population.name}" has ${population.size}, ${where} ${room}${groups} left, ` +
      `${population.size - room} too few.`,
    excess: population.size - room,
    target: population.name,
    populations: [population.name],
    projections: [],
    inputs: false,
  };
}
