/**
 * Labels of sources. Open labeling: every driver takes every event of its bus, so two sources need different synapse labels when
 * their events meet on a bus of a hemisphere, and 64 of them there are all there can be. An external event
 * carries one label to all its buses, a neuron one to both hemispheres. Format of the labels: placement.ts.
 */

import { busOf, eventOutputOf } from "../chip/coordinates.ts";
import {
  DRIVERS,
  EVENT_OUTPUTS,
  HEMISPHERES,
  PADI_BUSES,
  ROW_SELECT_MAX,
  SYNAPSE_LABEL_MAX,
} from "../chip/limits.ts";
import { INPUT, type Network } from "../network/network.ts";
import { crossbarNodes, HEMISPHERE_BIT, LINK_BIT } from "./crossbar.ts";
import type { ProjectionRoute, Routing, Shortage } from "./placement.ts";

const LABELS = SYNAPSE_LABEL_MAX + 1;
const LINKS = 4;
/** First bit of the row select in an external label: bits that name buses. */
const BUS_BIT = 6;
/** End of the row select: where buses are divided, its highest bits name the group of drivers. */
const SELECT_END = 11;
/** Link of events for both hemispheres, where links name hemispheres. */
const LINK_BOTH = 2;
/** First bit of an external label that names a hemisphere, where links name buses. */
const HEMISPHERE_OF_INPUT_BIT = 11;

/** Into how many groups the drivers of every bus may be divided, each with 64 labels of its own. */
export const DRIVER_GROUPS = [1, 2, 4, 8] as const;
export type DriverGroups = (typeof DRIVER_GROUPS)[number];

/** Bits of the row select that name the group. */
function groupBits(groups: DriverGroups): number {
  return Math.log2(groups);
}

/** Group that takes the events of an event output: their row select has its number in the same bits. */
export function groupOfOutput(output: number, groups: DriverGroups): number {
  return output >> (Math.log2(EVENT_OUTPUTS) - groupBits(groups));
}
const BUSES = HEMISPHERES * PADI_BUSES;

/** Drivers of all sources and the buses that their events have to reach; see `Routing`. */
export interface Connections {
  readonly projections: readonly ProjectionRoute[];
  readonly inputBuses: Uint8Array;
  readonly neuronTargets: Uint8Array;
  /** Groups of drivers of each bus that have labels of their own, and the group that each input's events are for. */
  readonly groups: DriverGroups;
  readonly inputGroup: Int8Array;
}

/** Labels connected sources, or says on which bus labels run out. */
export function labelSources(
  network: Network,
  neuron: Int32Array,
  connections: Connections,
): Routing | Shortage {
  const { projections, neuronTargets, groups, inputGroup } = connections;
  const inputLabel = new Uint16Array(network.inputs);
  const inputBuses = new Uint8Array(network.inputs);
  const neuronAddress = new Uint8Array(network.neurons);
  // taken[group][bus · 64 + label]; bus = 4 · hemisphere + bus on the hemisphere.
  const taken = Array.from({ length: groups }, () => new Uint8Array(BUSES * LABELS));

  for (let input = 0; input < network.inputs; input++) {
    const group = inputGroup[input]! < 0 ? 0 : inputGroup[input]!;
    const address =
      groups === 1
        ? openAddress(input, connections)
        : groups === 2
          ? halfAddress(input, connections)
          : groupAddress(input, connections);
    inputBuses[input] = address.buses;
    const label = takeLabel(taken[group]!, address.buses);
    if (label === undefined) return labelShortage(network, neuron, connections);
    inputLabel[input] = address.bits | (group << (SELECT_END - groupBits(groups))) | label;
  }

  // Senders to both hemispheres are the hardest to serve; then the others; those that send nowhere only need
  // an address of their own on their event output.
  for (const targets of [0b11, 0b01, 0b10]) {
    for (let index = 0; index < network.neurons; index++) {
      if (neuronTargets[index] !== targets) continue;
      const output = eventOutputOf(neuron[index]!);
      const bus = busOf(neuron[index]!);
      const buses = ((targets & 1) << bus) | ((targets >> 1) << (PADI_BUSES + bus));
      const label = takeLabel(taken[groupOfOutput(output, groups)]!, buses);
      if (label === undefined) return labelShortage(network, neuron, connections);
      neuronAddress[index] = (targets << HEMISPHERE_BIT) | label;
    }
  }
  const silent = new Int32Array(EVENT_OUTPUTS);
  for (let index = 0; index < network.neurons; index++) {
    if (neuronTargets[index] !== 0) continue;
    const output = eventOutputOf(neuron[index]!);
    neuronAddress[index] = silent[output]!;
    silent[output] = silent[output]! + 1;
  }
  const busBit = (bus: number): number =>
    groups > 2
      ? HEMISPHERE_OF_INPUT_BIT + Math.floor(bus / PADI_BUSES)
      : BUS_BIT + (groups === 1 ? bus : bus % PADI_BUSES);
  const position = ROW_SELECT_MAX + 1;
  return {
    labeling: groups === 1 ? "open" : "select",
    groups,
    projections,
    inputBuses,
    neuronTargets,
    inputLabel,
    neuronAddress,
    driverMask: new Uint8Array(HEMISPHERES * DRIVERS).fill(position - position / groups),
    nodes: crossbarNodes(network, neuron, { inputLabel, inputBuses, neuronTargets }, busBit),
  };
}

/** Link and bus bits of an input's label, and the buses that it reaches: those that it needs. Links are dealt in turn. */
function openAddress(input: number, { inputBuses }: Connections): { bits: number; buses: number } {
  const buses = inputBuses[input]!;
  return { bits: ((input % LINKS) << LINK_BIT) | (buses << BUS_BIT), buses };
}

/** The same where four bits name the buses of both hemispheres and the link tells which hemispheres are reached. */
function halfAddress(input: number, { inputBuses }: Connections): { bits: number; buses: number } {
  const top = inputBuses[input]! & 0b1111;
  const bottom = inputBuses[input]! >> PADI_BUSES;
  const both = top | bottom;
  const link = bottom === 0 ? 0 : top === 0 ? 1 : LINK_BOTH;
  const buses = (link === 1 ? 0 : both) | (link === 0 ? 0 : both << PADI_BUSES);
  return { bits: (link << LINK_BIT) | (both << BUS_BIT), buses };
}

/** The same where the link is the bus, on either hemisphere, and two bits name the hemispheres. */
function groupAddress(input: number, { inputBuses }: Connections): { bits: number; buses: number } {
  const buses = inputBuses[input]!;
  const top = buses & 0b1111;
  const bottom = buses >> PADI_BUSES;
  const bus = top === 0 && bottom === 0 ? 0 : 31 - Math.clz32(top | bottom);
  const hemispheres = (top === 0 ? 0 : 1) | (bottom === 0 ? 0 : 2);
  return { bits: (bus << LINK_BIT) | (hemispheres << HEMISPHERE_OF_INPUT_BIT), buses };
}

/** The smallest label (`taken[bus · 64 + label]`) that is free on all of the buses (one bit each), now taken; undefined when none is. */
export function takeLabel(taken: Uint8Array, buses: number): number | undefined {
  search: for (let label = 0; label < LABELS; label++) {
    for (let bus = 0; bus < HEMISPHERES * PADI_BUSES; bus++) {
      if (((buses >> bus) & 1) === 1 && taken[bus * LABELS + label] === 1) continue search;
    }
    for (let bus = 0; bus < HEMISPHERES * PADI_BUSES; bus++) {
      if (((buses >> bus) & 1) === 1) taken[bus * LABELS + label] = 1;
    }
    return label;
  }
  return undefined;
}

/** Sources heard on each bus: [4 · hemisphere + bus]. */
export function sourcesOnBus(
  neuron: Int32Array,
  { inputBuses, neuronTargets }: Pick<Routing, "inputBuses" | "neuronTargets">,
): Int32Array {
  const heard = new Int32Array(HEMISPHERES * PADI_BUSES);
  for (const buses of inputBuses) {
    for (let bus = 0; bus < heard.length; bus++) heard[bus] = heard[bus]! + ((buses >> bus) & 1);
  }
  for (let index = 0; index < neuron.length; index++) {
    const bus = busOf(neuron[index]!);
    for (let hemisphere = 0; hemisphere < HEMISPHERES; hemisphere++) {
      const at = hemisphere * PADI_BUSES + bus;
      heard[at] = heard[at]! + ((neuronTargets[index]! >> hemisphere) & 1);
    }
  }
  return heard;
}

function labelShortage(network: Network, neuron: Int32Array, connections: Connections): Shortage {
  const heard = sourcesOnBus(neuron, connections);
  const most = Math.max(...heard);
  const at = heard.indexOf(most);
  const excess = Math.max(1, most - LABELS);
  return {
    resource: "labels",
    message:
      `Source distribution not successful: ${most} sources on bus ${at % PADI_BUSES} of hemisphere ` +
      `${Math.floor(at / PADI_BUSES)} need a synapse label each, there are ${LABELS}, ${excess} too few.`,
    excess,
    target: undefined,
    populations: network.populations
      .map(({ name }) => name)
      .filter((name) => network.projections.some(({ from }) => from === name)),
    projections: [],
    inputs: network.projections.some(({ from }) => from === INPUT),
  };
}
