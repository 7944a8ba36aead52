/**
 * Select labelling: drivers compare row-select bits, so that each takes events of one event output only, or of
 * inputs only. An event output has 64 circuits and a synapse label has 64 values: neurons never run out of
 * labels. The price is that drivers cannot be shared across these groups, and that inputs reach the same buses
 * on both hemispheres. Used when open labelling (labels.ts) runs out.
 *
 *     row select of a neuron's event: bit 4 event output ≥ 4 | bits 2–3 bus | bits 0–1 hemispheres it goes to, not 0
 *     row select of an input's event: bits 0–1 zero
 */

import {
  DRIVERS,
  DRIVERS_PER_BUS,
  EVENT_OUTPUTS,
  HEMISPHERES,
  PADI_BUSES,
  SYNAPSE_LABEL_MAX,
} from "../chip/limits.ts";
import { INPUT, type Network } from "../network/network.ts";
import { crossbarNodes, HEMISPHERE_BIT, LINK_BIT } from "./crossbar.ts";
import { type Connections, takeLabel } from "./labels.ts";
import { eventOutputOf, hemispheresOf, type Routing } from "./placement.ts";

const BUS_BIT = 8;
const LINK_BOTH = 2;
const UPPER_OUTPUT = 0b10000;
const HEMISPHERES_MASK = 0b00011;

/** Drivers of each bus, divided among the groups that may use them; positions 0 … 32 on the bus. */
export interface DriverRegions {
  /** First driver of event output [8 · hemisphere + output]. */
  readonly output: Int32Array;
  /** First driver for inputs on bus [4 · hemisphere + bus]. */
  readonly input: Int32Array;
}

/** Divides the drivers so that every population's sources fit; undefined when they do not. */
export function driverRegions(network: Network, neuron: Int32Array): DriverRegions | undefined {
  const needed = new Int32Array(HEMISPHERES * EVENT_OUTPUTS);
  const inputsNeeded = new Int32Array(HEMISPHERES);
  for (const target of network.populations) {
    const fromOutput = new Int32Array(EVENT_OUTPUTS);
    let fromInputs = 0;
    for (const { from, to, sourceStart, sources, rows } of network.projections) {
      if (to !== target.name) continue;
      if (from === INPUT) fromInputs += sources * rows;
      for (let source = 0; from !== INPUT && source < sources; source++) {
        const output = eventOutputOf(neuron[sourceStart - network.inputs + source]!);
        fromOutput[output] = fromOutput[output]! + rows;
      }
    }
    for (const hemisphere of hemispheresOf(target, neuron)) {
      inputsNeeded[hemisphere] = Math.max(inputsNeeded[hemisphere]!, fromInputs);
      fromOutput.forEach((drivers, output) => {
        const at = hemisphere * EVENT_OUTPUTS + output;
        needed[at] = Math.max(needed[at]!, drivers);
      });
    }
  }
  const output = new Int32Array(HEMISPHERES * EVENT_OUTPUTS);
  const input = new Int32Array(HEMISPHERES * PADI_BUSES);
  for (let hemisphere = 0; hemisphere < HEMISPHERES; hemisphere++) {
    let left = 0;
    for (let bus = 0; bus < PADI_BUSES; bus++) {
      const lower = hemisphere * EVENT_OUTPUTS + bus;
      const first = needed[lower]!;
      output[lower + PADI_BUSES] = first;
      const both = first + needed[lower + PADI_BUSES]!;
      input[hemisphere * PADI_BUSES + bus] = both;
      if (both > DRIVERS_PER_BUS) return undefined;
      left += DRIVERS_PER_BUS - both;
    }
    if (inputsNeeded[hemisphere]! > left) return undefined;
  }
  return { output, input };
}

/** Labels sources that were connected within `regions`; undefined when inputs alone need more than 64 labels. */
export function selectLabels(
  network: Network,
  neuron: Int32Array,
  { projections, inputBuses, neuronTargets }: Connections,
  regions: DriverRegions,
): Routing | undefined {
  const inputLabel = new Uint16Array(network.inputs);
  const reached = new Uint8Array(network.inputs);
  const taken = new Uint8Array(HEMISPHERES * PADI_BUSES * (SYNAPSE_LABEL_MAX + 1));
  for (let input = 0; input < network.inputs; input++) {
    const top = inputBuses[input]! & 0b1111;
    const bottom = inputBuses[input]! >> PADI_BUSES;
    const buses = top | bottom;
    const link = bottom === 0 ? 0 : top === 0 ? 1 : LINK_BOTH;
    reached[input] = (link === 1 ? 0 : buses) | (link === 0 ? 0 : buses << PADI_BUSES);
    const label = takeLabel(taken, reached[input]!);
    if (label === undefined) return undefined;
    inputLabel[input] = (link << LINK_BIT) | (buses << BUS_BIT) | label;
  }
  const neuronAddress = new Uint8Array(network.neurons);
  const used = new Int32Array(EVENT_OUTPUTS);
  for (let index = 0; index < network.neurons; index++) {
    const output = eventOutputOf(neuron[index]!);
    const label = used[output]!;
    used[output] = label + 1;
    neuronAddress[index] = (neuronTargets[index]! << HEMISPHERE_BIT) | label;
  }
  const routed = { inputLabel, inputBuses: reached, neuronTargets };
  return {
    labelling: "select",
    projections,
    ...routed,
    neuronAddress,
    ...driverCompare(regions),
    nodes: crossbarNodes(network, neuron, routed, (bus) => BUS_BIT + (bus % PADI_BUSES)),
  };
}

function driverCompare({ output, input }: DriverRegions): Pick<Routing, "driverSelect" | "driverMask"> {
  const driverSelect = new Uint8Array(HEMISPHERES * DRIVERS);
  const driverMask = new Uint8Array(HEMISPHERES * DRIVERS);
  for (let hemisphere = 0; hemisphere < HEMISPHERES; hemisphere++) {
    for (let driver = 0; driver < DRIVERS; driver++) {
      const bus = driver % PADI_BUSES;
      const position = Math.floor(driver / PADI_BUSES);
      const at = hemisphere * DRIVERS + driver;
      if (position >= input[hemisphere * PADI_BUSES + bus]!) {
        driverMask[at] = HEMISPHERES_MASK;
        continue;
      }
      const upper = position >= output[hemisphere * EVENT_OUTPUTS + bus + PADI_BUSES]!;
      driverSelect[at] = (1 << hemisphere) | (upper ? UPPER_OUTPUT : 0);
      driverMask[at] = (1 << hemisphere) | UPPER_OUTPUT;
    }
  }
  return { driverSelect, driverMask };
}
