/**
 * Open labelling: every driver takes every event of its bus, so two sources need different synapse labels when
 * their events meet on a bus of a hemisphere, and 64 of them there are all there can be. An external event
 * carries one label to all its buses, a neuron one to both hemispheres. Format of the labels: placement.ts.
 */

import { DRIVERS, EVENT_OUTPUTS, HEMISPHERES, PADI_BUSES, SYNAPSE_LABEL_MAX } from "../chip/limits.ts";
import { INPUT, type Network } from "../network/network.ts";
import { crossbarNodes, HEMISPHERE_BIT, LINK_BIT } from "./crossbar.ts";
import { busOf, eventOutputOf, type ProjectionRoute, type Routing, type Shortage } from "./placement.ts";

const LABELS = SYNAPSE_LABEL_MAX + 1;
const LINKS = 4;
const BUS_BIT = 6;

/** Drivers of all sources and the buses that their events have to reach; see `Routing`. */
export interface Connections {
  readonly projections: readonly ProjectionRoute[];
  readonly inputBuses: Uint8Array;
  readonly neuronTargets: Uint8Array;
}

/** Labels connected sources, or says on which bus labels run out. Inputs are dealt to the four links in turn. */
export function openLabels(
  network: Network,
  neuron: Int32Array,
  connections: Connections,
): Routing | Shortage {
  const { inputBuses, neuronTargets } = connections;
  const inputLabel = new Uint16Array(network.inputs);
  const neuronAddress = new Uint8Array(network.neurons);
  // taken[bus · 64 + label]; bus = 4 · hemisphere + bus on the hemisphere.
  const taken = new Uint8Array(HEMISPHERES * PADI_BUSES * LABELS);

  for (let input = 0; input < network.inputs; input++) {
    const buses = inputBuses[input]!;
    const label = takeLabel(taken, buses);
    if (label === undefined) return labelShortage(network, neuron, connections);
    inputLabel[input] = ((input % LINKS) << LINK_BIT) | (buses << BUS_BIT) | label;
  }

  // Senders to both hemispheres are the hardest to serve; then the others; those that send nowhere only need
  // an address of their own on their event output.
  for (const wanted of [0b11, 0b01, 0b10]) {
    for (let index = 0; index < network.neurons; index++) {
      if (neuronTargets[index] !== wanted) continue;
      const bus = busOf(neuron[index]!);
      const buses = ((wanted & 1) << bus) | ((wanted >> 1) << (PADI_BUSES + bus));
      const label = takeLabel(taken, buses);
      if (label === undefined) return labelShortage(network, neuron, connections);
      neuronAddress[index] = (wanted << HEMISPHERE_BIT) | label;
    }
  }
  const silent = new Int32Array(EVENT_OUTPUTS);
  for (let index = 0; index < network.neurons; index++) {
    if (neuronTargets[index] !== 0) continue;
    const output = eventOutputOf(neuron[index]!);
    neuronAddress[index] = silent[output]!;
    silent[output] = silent[output]! + 1;
  }
  return {
    ...connections,
    labelling: "open",
    inputLabel,
    neuronAddress,
    driverSelect: new Uint8Array(HEMISPHERES * DRIVERS),
    driverMask: new Uint8Array(HEMISPHERES * DRIVERS),
    nodes: crossbarNodes(network, neuron, { inputLabel, inputBuses, neuronTargets }, (bus) => BUS_BIT + bus),
  };
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
