/**
 * What a placed network takes of the chip and what it leaves, as numbers; resources-text.ts makes them readable.
 * Printed by `eventprop inspect placement` before anything runs.
 */

import { busOf, driverPosition, eventOutputOf, hemisphereOf } from "../chip/coordinates.ts";
import {
  DRIVERS,
  DRIVERS_PER_BUS,
  EVENT_OUTPUTS,
  HEMISPHERES,
  NEURONS,
  PADI_BUSES,
  ROW_SELECT_MAX,
  ROWS,
  ROWS_PER_BUS,
  ROWS_PER_DRIVER,
  SYNAPSE_LABEL_MAX,
} from "../chip/limits.ts";
import type { Network } from "../network/network.ts";
import { sourcesOnBus } from "./labels.ts";
import type { Placement } from "./placement.ts";
import { fanIn } from "./route.ts";

/** First bit of the row select in a label, and of the event output in a neuron's. */
const SELECT_BIT = 6;
const OUTPUT_BIT = 8;

export interface PopulationResources {
  readonly name: string;
  readonly model: string;
  readonly size: number;
  /** Neurons on the top and the bottom hemisphere. */
  readonly onHemisphere: readonly number[];
  /** Circuits of each neuron. */
  readonly circuits: number;
  /** Signed inputs of each neuron, copies included, and the rows they take of the 256 of each of its circuits. */
  readonly signedInputs: number;
  readonly fanInRows: number;
  /** Rows taken on each PADI bus, the larger of the two hemispheres. */
  readonly rowsOnBus: readonly number[];
}

export interface BusResources {
  readonly hemisphere: number;
  readonly bus: number;
  /** Rows in use by any population, of 64. */
  readonly rows: number;
  readonly rowsLeft: number;
  /** Sources whose events arrive here. */
  readonly sources: number;
  /** Synapse labels, of 64, that the driver with most sources to tell apart has left. */
  readonly labelsLeft: number;
}

export interface EventOutputResources {
  readonly output: number;
  readonly bus: number;
  /** Placed neurons of the 64 circuits, and those of them that spike. */
  readonly neurons: number;
  readonly spiking: number;
}

export interface ResourceReport {
  readonly strategy: string;
  readonly labeling: string;
  /** Circuits; a neuron may be coupled of several. */
  readonly neurons: { readonly used: number; readonly excluded: number; readonly left: number };
  readonly inputs: number;
  readonly populations: readonly PopulationResources[];
  readonly buses: readonly BusResources[];
  readonly eventOutputs: readonly EventOutputResources[];
  /** Rows in use on each hemisphere, of 256. */
  readonly rows: readonly number[];
  /** Physical synapses in use: two per signed copy. */
  readonly synapses: number;
  /** Hemispheres on which membranes of non-spiking populations are read: each costs a transfer of whole rows. */
  readonly readoutHemispheres: readonly number[];
}

/** Counts what a placement takes. */
export function resourceReport(network: Network, placement: Placement): ResourceReport {
  const { neuron, routing } = placement;
  const slots = driverSlots(network, placement);
  const heard = sourcesOnBus(neuron, routing);
  const buses: BusResources[] = [];
  for (let hemisphere = 0; hemisphere < HEMISPHERES; hemisphere++) {
    for (let bus = 0; bus < PADI_BUSES; bus++) {
      const at = hemisphere * PADI_BUSES + bus;
      const rows = ROWS_PER_DRIVER * Math.max(0, ...slots.map((of) => of[at]!));
      const sources = heard[at]!;
      buses.push({
        hemisphere,
        bus,
        rows,
        rowsLeft: ROWS_PER_BUS - rows,
        sources,
        labelsLeft: SYNAPSE_LABEL_MAX + 1 - labelsUsed(placement, hemisphere, bus),
      });
    }
  }
  const populations = network.populations.map((population, index): PopulationResources => {
    const circuits = circuitsOf(neuron, population.start, population.size);
    const signedInputs = fanIn(network, population);
    const of = slots[index] as Int32Array;
    return {
      name: population.name,
      model: population.model.kind,
      size: population.size,
      circuits: placement.circuits[population.start] ?? 1,
      onHemisphere: [0, 1].map((side) => circuits.filter((circuit) => hemisphereOf(circuit) === side).length),
      signedInputs,
      fanInRows: ROWS_PER_DRIVER * signedInputs,
      rowsOnBus: Array.from(
        { length: PADI_BUSES },
        (_, bus) => ROWS_PER_DRIVER * Math.max(of[bus]!, of[PADI_BUSES + bus]!),
      ),
    };
  });
  const eventOutputs = Array.from({ length: EVENT_OUTPUTS }, (_, output): EventOutputResources => {
    const on = (spikingOnly: boolean): number =>
      network.populations
        .filter(({ model }) => !spikingOnly || model.spikes)
        .flatMap(({ start, size }) => circuitsOf(neuron, start, size))
        .filter((circuit) => eventOutputOf(circuit) === output).length;
    return { output, bus: output % PADI_BUSES, neurons: on(false), spiking: on(true) };
  });
  const read = network.populations.filter(({ model }) => !model.spikes);
  const used = placement.circuits.reduce((sum, circuits) => sum + circuits, 0);
  return {
    strategy: placement.strategy,
    labeling: routing.labeling,
    neurons: {
      used,
      excluded: placement.excluded,
      left: NEURONS - placement.excluded - used,
    },
    inputs: network.inputs,
    populations,
    buses,
    eventOutputs,
    rows: [0, 1].map((hemisphere) =>
      buses.filter((bus) => bus.hemisphere === hemisphere).reduce((sum, { rows }) => sum + rows, 0),
    ),
    synapses: network.projections.reduce(
      (sum, { sources, targets, rows }) => sum + sources * targets * rows * ROWS_PER_DRIVER,
      0,
    ),
    readoutHemispheres: [0, 1].filter((hemisphere) =>
      read.some(({ start, size }) =>
        circuitsOf(neuron, start, size).some((circuit) => hemisphereOf(circuit) === hemisphere),
      ),
    ),
  };
}

/** Most sources that any driver of a bus takes events from. */
function labelsUsed({ neuron, routing }: Placement, hemisphere: number, bus: number): number {
  const selects: number[] = [];
  routing.inputLabel.forEach((label, input) => {
    const reached = routing.inputBuses[input]! >> (PADI_BUSES * hemisphere + bus);
    if ((reached & 1) === 1) selects.push((label >> SELECT_BIT) & ROW_SELECT_MAX);
  });
  neuron.forEach((circuit, index) => {
    const listens = (routing.neuronTargets[index]! >> hemisphere) & 1;
    if (listens === 0 || busOf(circuit) !== bus) return;
    const label = (eventOutputOf(circuit) << OUTPUT_BIT) | routing.neuronAddress[index]!;
    selects.push(label >> SELECT_BIT);
  });
  let most = 0;
  for (let driver = bus; driver < DRIVERS; driver += PADI_BUSES) {
    const at = hemisphere * DRIVERS + driver;
    const mask = routing.driverMask[at]!;
    const own = driverPosition(driver) & mask;
    most = Math.max(most, selects.filter((select) => (select & mask) === own).length);
  }
  return most;
}

/** Rows of its circuits that a population leaves free. */
export function rowsLeft({ circuits, fanInRows }: PopulationResources): number {
  return circuits * ROWS - fanInRows;
}

function circuitsOf(neuron: Int32Array, start: number, size: number): number[] {
  return Array.from(neuron.subarray(start, start + size));
}

/** Drivers that each target population uses: [population][4 · hemisphere + bus], at most 32. */
function driverSlots(network: Network, { routing }: Placement): Int32Array[] {
  const used = network.populations.map(() => new Int32Array(HEMISPHERES * PADI_BUSES));
  // A driver serves as many sources as the neurons have circuits, and counts once.
  const seen = network.populations.map(() => new Uint8Array(HEMISPHERES * DRIVERS));
  network.projections.forEach(({ to, rows }, p) => {
    const population = network.populations.findIndex(({ name }) => name === to);
    const of = used[population] as Int32Array;
    const counted = seen[population] as Uint8Array;
    routing.projections[p]?.driver.forEach((driver, at) => {
      if (driver < 0) return;
      const hemisphere = Math.floor(at / rows) % HEMISPHERES;
      const bus = PADI_BUSES * hemisphere + (driver % PADI_BUSES);
      if (counted[hemisphere * DRIVERS + driver] === 1) return;
      counted[hemisphere * DRIVERS + driver] = 1;
      of[bus] = of[bus]! + 1;
    });
  });
  for (const of of used) {
    if (of.some((drivers) => drivers > DRIVERS_PER_BUS))
      throw new Error("a bus holds more drivers than it has");
  }
  return used;
}
