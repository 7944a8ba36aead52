/**
 * Circuits → drivers and labels. Given where the neurons are, connects every source with the drivers of its
 * targets' hemispheres; place.ts tries several assignments of circuits on it.
 *
 * Each target population on each hemisphere owns its columns, so its sources can use the drivers from the
 * first on, whatever other populations do there: a driver is shared by sources with disjoint targets, told
 * apart by their labels. When 64 labels on a bus do not suffice, drivers are divided instead (select-labels.ts). Sources on the chip arrive on a fixed bus (event output mod 4); external inputs take
 * the bus with most drivers left, and are split over several buses when no single one has enough.
 *
 * Limits and wording of the refusals: electronicvisions/grenade:src/grenade/vx/network/routing/greedy/
 * {routing_constraints,routing_builder}.cpp.
 */

import {
  DRIVERS_PER_BUS,
  EVENT_OUTPUTS,
  HEMISPHERES,
  PADI_BUSES,
  ROWS,
  ROWS_PER_BUS,
  ROWS_PER_DRIVER,
} from "../chip/limits.ts";
import { INPUT, type Network, type Population, type Projection } from "../network/network.ts";
import { type Connections, openLabels } from "./labels.ts";
import { eventOutputOf, hemispheresOf, type Routing, type Shortage } from "./placement.ts";
import { type DriverRegions, driverRegions, selectLabels } from "./select-labels.ts";

/** Routes a network whose neurons sit on the given circuits, or says what is short. */
export function routeNetwork(network: Network, neuron: Int32Array): Routing | Shortage {
  const shared = connect(network, neuron, undefined);
  if ("resource" in shared) return shared;
  const open = openLabels(network, neuron, shared);
  if (!("resource" in open)) return open;
  const regions = driverRegions(network, neuron);
  if (regions === undefined) return open;
  const divided = connect(network, neuron, regions);
  if ("resource" in divided) return open;
  return selectLabels(network, neuron, divided, regions) ?? open;
}

/** Chooses the drivers of all sources; within `regions` where given, else any of the right bus. */
function connect(
  network: Network,
  neuron: Int32Array,
  regions: DriverRegions | undefined,
): Connections | Shortage {
  const projections = network.projections.map(({ sources, rows }) => ({
    driver: new Int16Array(sources * HEMISPHERES * rows).fill(-1),
  }));
  const inputBuses = new Uint8Array(network.inputs);
  const neuronTargets = new Uint8Array(network.neurons);

  for (const target of network.populations) {
    const into = network.projections.filter((projection) => projection.to === target.name);
    for (const hemisphere of hemispheresOf(target, neuron)) {
      // Position on its bus of the next driver, per bus, or per event output within regions.
      const next =
        regions === undefined
          ? new Int32Array(PADI_BUSES)
          : regions.output.slice(hemisphere * EVENT_OUTPUTS, (hemisphere + 1) * EVENT_OUTPUTS);
      for (const projection of into) {
        if (projection.from === INPUT) continue;
        const driver = projections[network.projections.indexOf(projection)]?.driver as Int16Array;
        for (let source = 0; source < projection.sources; source++) {
          const index = projection.sourceStart - network.inputs + source;
          const output = eventOutputOf(neuron[index]!);
          const first = (source * HEMISPHERES + hemisphere) * projection.rows;
          for (let copy = 0; copy < projection.rows; copy++) {
            driver[first + copy] = takeDriver(next, output % next.length);
          }
          neuronTargets[index] = neuronTargets[index]! | (1 << hemisphere);
        }
      }
      if (regions === undefined) {
        const full = busShortage(target, hemisphere, next, into);
        if (full !== undefined) return full;
      }

      // Always possible: the sum over buses was checked (`rowShortage`, `driverRegions`), copies may be split.
      const taken =
        regions === undefined
          ? next
          : regions.input.slice(hemisphere * PADI_BUSES, (hemisphere + 1) * PADI_BUSES);
      for (const projection of into) {
        if (projection.from !== INPUT) continue;
        const driver = projections[network.projections.indexOf(projection)]?.driver as Int16Array;
        for (let input = 0; input < projection.sources; input++) {
          const first = (input * HEMISPHERES + hemisphere) * projection.rows;
          let bus = -1;
          for (let copy = 0; copy < projection.rows; copy++) {
            if (bus < 0 || taken[bus] === DRIVERS_PER_BUS) {
              const used = inputBuses[input]! >> (PADI_BUSES * hemisphere);
              bus = chooseBus(taken, used, projection.rows - copy);
            }
            driver[first + copy] = takeDriver(taken, bus);
            inputBuses[input] = inputBuses[input]! | (1 << (PADI_BUSES * hemisphere + bus));
          }
        }
      }
    }
  }
  return { projections, inputBuses, neuronTargets };
}

/** The next driver of `group` (a bus, or an event output): drivers d, d + 4, d + 8 … listen to bus d mod 4. */
function takeDriver(next: Int32Array, group: number): number {
  const position = next[group]!;
  next[group] = position + 1;
  return position * PADI_BUSES + (group % PADI_BUSES);
}

/** A bus that the input already uses and that takes all its copies, else the one with most drivers left. */
function chooseBus(taken: Int32Array, used: number, copies: number): number {
  let best = 0;
  for (let bus = 0; bus < PADI_BUSES; bus++) {
    if (((used >> bus) & 1) === 1 && taken[bus]! + copies <= DRIVERS_PER_BUS) return bus;
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

/** A population whose neurons need more rows than a circuit has, wherever they are placed. */
export function rowShortage(network: Network): Shortage | undefined {
  for (const target of network.populations) {
    const signed = fanIn(network, target);
    const rows = signed * ROWS_PER_DRIVER;
    if (rows <= ROWS) continue;
    return {
      resource: "rows",
      message:
        `Neuron(s) with in-degree larger than the number of synapse rows exist: each of "${target.name}" needs ` +
        `${rows} rows (${signed} signed inputs, an excitatory and an inhibitory row each), a circuit has ${ROWS}, ` +
        `${rows - ROWS} too few.`,
      excess: rows - ROWS,
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
  into: readonly Projection[],
): Shortage | undefined {
  const most = Math.max(...taken);
  if (most <= DRIVERS_PER_BUS) return undefined;
  const rows = most * ROWS_PER_DRIVER;
  return {
    resource: "bus rows",
    message:
      "Neuron(s) with in-degree on a single PADI-bus larger than its number of synapse rows exist: each of " +
      `"${target.name}" needs ${rows} rows on bus ${taken.indexOf(most)} of hemisphere ${hemisphere}, it has ` +
      `${ROWS_PER_BUS}, ${rows - ROWS_PER_BUS} too few. Events of neurons reach only the bus of their event output.`,
    excess: rows - ROWS_PER_BUS,
    target: target.name,
    ...involved(into.filter((projection) => projection.from !== INPUT)),
  };
}

function involved(into: readonly Projection[]): Pick<Shortage, "populations" | "projections" | "inputs"> {
  return {
    populations: [...new Set(into.map(({ from }) => from).filter((from) => from !== INPUT))],
    projections: into.filter(({ rows }) => rows > 1).map(({ name }) => name),
    inputs: into.some(({ from }) => from === INPUT),
  };
}
