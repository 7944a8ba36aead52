/**
 * Circuits → drivers and labels. Given where the neurons are, connects every source with the drivers of its
 * targets' hemispheres; place.ts tries several assignments of circuits on it.
 *
 * Each target population on each hemisphere owns its columns, so its sources can use the drivers from the
 * first on, whatever other populations do there: a driver is shared by sources with disjoint targets, told
 * apart by their labels. When 64 labels on a bus do not suffice, the drivers of every bus are divided into 2, 4 or 8 groups
 * with 64 labels each (placement.ts: `select`). Sources on the chip arrive on a fixed bus (event output mod 4) and, when
 * divided, in a fixed group; external inputs take the bus with most drivers left, and are split over several buses when
 * no single one has enough.
 *
 * Limits and wording of the refusals: electronicvisions/grenade:src/grenade/vx/network/routing/greedy/
 * {routing_constraints,routing_builder}.cpp.
 */

import { eventOutputOf } from "../chip/coordinates.ts";
import {
  DRIVERS_PER_BUS,
  HEMISPHERES,
  PADI_BUSES,
  ROWS,
  ROWS_PER_BUS,
  ROWS_PER_DRIVER,
} from "../chip/limits.ts";
import { INPUT, type Network, type Population, type Projection } from "../network/network.ts";
import { type Connections, DRIVER_GROUPS, type DriverGroups, groupOfOutput, labelSources } from "./labels.ts";
import { hemispheresOf, type ProjectionRoute, type Routing, type Shortage } from "./placement.ts";

/**
 * Routes a network whose neurons sit on the given circuits, or says what is short.
 * @param circuits number of circuits of each neuron
 */
export function routeNetwork(network: Network, neuron: Int32Array, circuits: Uint8Array): Routing | Shortage {
  const shared = connect(network, neuron, circuits, 1);
  if ("resource" in shared) return shared;
  const open = labelSources(network, neuron, shared);
  if (!("resource" in open)) return open;
  for (const groups of DRIVER_GROUPS) {
    if (groups === 1) continue;
    const divided = connect(network, neuron, circuits, groups);
    if ("resource" in divided) continue;
    const select = labelSources(network, neuron, divided);
    if (!("resource" in select)) return select;
  }
  return open;
}

/** Chooses the drivers of all sources: any of the right bus, or of the right one of the groups of the bus. */
function connect(
  network: Network,
  neuron: Int32Array,
  circuits: Uint8Array,
  groups: DriverGroups,
): Connections | Shortage {
  const projections = network.projections.map(({ sources, rows }) => ({
    driver: new Int16Array(sources * HEMISPHERES * rows).fill(-1),
    circuit: new Uint8Array(sources * HEMISPHERES * rows),
  }));
  const inputBuses = new Uint8Array(network.inputs);
  const neuronTargets = new Uint8Array(network.neurons);
  // An event carries one group to all its buses.
  const inputGroup = new Int8Array(network.inputs).fill(groups === 1 ? 0 : -1);

  for (const target of network.populations) {
    const into = network.projections.filter((projection) => projection.to === target.name);
    const coupled = circuits[target.start] ?? 1;
    // Of synapses of one neuron on a bus, or on a group of it: one per driver and circuit.
    const capacity = (coupled * DRIVERS_PER_BUS) / groups;
    for (const hemisphere of hemispheresOf(target, neuron)) {
      // Synapses taken of each group of each bus: [4 · group + bus].
      const taken = new Int32Array(groups * PADI_BUSES);
      for (const projection of into) {
        if (projection.from === INPUT) continue;
        const route = projections[network.projections.indexOf(projection)]!;
        for (let source = 0; source < projection.sources; source++) {
          const index = projection.sourceStart - network.inputs + source;
          const output = eventOutputOf(neuron[index]!);
          const place = PADI_BUSES * groupOfOutput(output, groups) + (output % PADI_BUSES);
          const first = (source * HEMISPHERES + hemisphere) * projection.rows;
          for (let copy = 0; copy < projection.rows; copy++) {
            takeSynapse(taken, place, capacity, coupled, route, first + copy);
          }
          neuronTargets[index] = neuronTargets[index]! | (1 << hemisphere);
        }
      }
      const full = busShortage(target, hemisphere, taken, capacity, coupled, into);
      if (full !== undefined) return full;

      // Undivided always possible: the sum over buses was checked (`rowShortage`), and copies may be split.
      for (const projection of into) {
        if (projection.from !== INPUT) continue;
        const route = projections[network.projections.indexOf(projection)]!;
        for (let source = 0; source < projection.sources; source++) {
          const input = projection.sourceStart + source;
          const first = (source * HEMISPHERES + hemisphere) * projection.rows;
          if (inputGroup[input]! < 0) inputGroup[input] = emptiestGroup(taken);
          const group = inputGroup[input]!;
          const own = taken.subarray(group * PADI_BUSES, (group + 1) * PADI_BUSES);
          // Where links name buses, an input has one, the same on both hemispheres.
          let bus = groups > 2 ? busOfInput(inputBuses[input]!) : -1;
          for (let copy = 0; copy < projection.rows; copy++) {
            if (bus >= 0 && own[bus] === capacity && groups > 2) return groupShortage(target, into);
            if (bus < 0 || own[bus] === capacity) {
              const used = inputBuses[input]! >> (PADI_BUSES * hemisphere);
              bus = chooseBus(own, used, projection.rows - copy, capacity);
              if (own[bus] === capacity) return groupShortage(target, into);
            }
            takeSynapse(taken, group * PADI_BUSES + bus, capacity, coupled, route, first + copy);
            inputBuses[input] = inputBuses[input]! | (1 << (PADI_BUSES * hemisphere + bus));
          }
        }
      }
    }
  }
  return { projections, inputBuses, neuronTargets, groups, inputGroup };
}

/**
 * Gives copy `at` of a route the next driver of `group`, 4 · group + bus, that has a circuit left, and that circuit. Drivers
 * d, d + 4, d + 8 … listen to bus d mod 4.
 */
function takeSynapse(
  taken: Int32Array,
  group: number,
  capacity: number,
  coupled: number,
  route: ProjectionRoute,
  at: number,
): void {
  const next = Math.floor(group / PADI_BUSES) * capacity + taken[group]!;
  taken[group] = taken[group]! + 1;
  route.driver[at] = Math.floor(next / coupled) * PADI_BUSES + (group % PADI_BUSES);
  route.circuit[at] = next % coupled;
}

/** The group with fewest synapses taken, the first of them. */
function emptiestGroup(taken: Int32Array): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let from = 0; from < taken.length; from += PADI_BUSES) {
    const sum = taken.subarray(from, from + PADI_BUSES).reduce((a, b) => a + b, 0);
    if (sum >= least) continue;
    least = sum;
    best = from / PADI_BUSES;
  }
  return best;
}

/** Bus, of either hemisphere, that an input reaches; −1 when none yet. `buses`: one bit per bus. */
function busOfInput(buses: number): number {
  return buses === 0 ? -1 : (31 - Math.clz32(buses)) % PADI_BUSES;
}

/** A bus that the input already uses and that takes all its copies, else the one with most drivers left. */
function chooseBus(taken: Int32Array, used: number, copies: number, capacity: number): number {
  let best = 0;
  for (let bus = 0; bus < PADI_BUSES; bus++) {
    if (((used >> bus) & 1) === 1 && taken[bus]! + copies <= capacity) return bus;
    if (taken[bus]! < taken[best]!) best = bus;
  }
  return best;
}

/** Signed inputs of each neuron of a population, copies included. */
export function fanIn(network: Network, target: Population): number {
  return network.projections
    .filter((projection) => projection.to === target.name)
    .reduce((sum, { sources, rows }) => sum + sources * rows, 0);
}

/** A population whose neurons need more rows than their circuits have, wherever they are placed. */
export function rowShortage(network: Network, circuits: Uint8Array): Shortage | undefined {
  for (const target of network.populations) {
    const signed = fanIn(network, target);
    const rows = signed * ROWS_PER_DRIVER;
    const coupled = circuits[target.start] ?? 1;
    const room = coupled * ROWS;
    if (rows <= room) continue;
    const owner = coupled === 1 ? "a circuit has" : `its ${coupled} circuits have`;
    return {
      resource: "rows",
      message:
        `Neuron(s) with in-degree larger than the number of synapse rows exist: each of "${target.name}" needs ` +
        `${rows} rows (${signed} signed inputs, an excitatory and an inhibitory row each), ${owner} ${room}, ` +
        `${rows - room} too few.`,
      excess: rows - room,
      target: target.name,
      ...involved(network.projections.filter((projection) => projection.to === target.name)),
    };
  }
  return undefined;
}

function busShortage(
  target: Population,
  hemisphere: number,
  taken: Int32Array,
  capacity: number,
  coupled: number,
  into: readonly Projection[],
): Shortage | undefined {
  const most = Math.max(...taken);
  if (most <= capacity) return undefined;
  const rows = most * ROWS_PER_DRIVER;
  const room = coupled * ROWS_PER_BUS;
  return {
    resource: "bus rows",
    message:
      "Neuron(s) with in-degree on a single PADI-bus larger than its number of synapse rows exist: each of " +
      `"${target.name}" needs ${rows} rows on bus ${taken.indexOf(most)} of hemisphere ${hemisphere}, it has ` +
      `${room}, ${rows - room} too few. Events of neurons reach only the bus of their event output.`,
    excess: rows - room,
    target: target.name,
    ...involved(into.filter((projection) => projection.from !== INPUT)),
  };
}

/** The group of an input has no driver left; the caller then divides otherwise. */
function groupShortage(target: Population, into: readonly Projection[]): Shortage {
  return {
    resource: "bus rows",
    message: `The inputs of "${target.name}" do not fit their groups of synapse drivers.`,
    excess: 1,
    target: target.name,
    ...involved(into),
  };
}

function involved(into: readonly Projection[]): Pick<Shortage, "populations" | "projections" | "inputs"> {
  return {
    populations: [...new Set(into.map(({ from }) => from).filter((from) => from !== INPUT))],
    projections: into.filter(({ rows }) => rows > 1).map(({ name }) => name),
    inputs: into.some(({ from }) => from === INPUT),
  };
}
