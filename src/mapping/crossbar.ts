/**
 * Crossbar nodes of a routed network: inputs from their link to their buses, neurons from their event output to
 * the bus of each hemisphere that listens and, spiking ones, to the link that records them.
 */

import { busOf, eventOutputOf } from "../chip/coordinates.ts";
import { CROSSBAR_L2_INPUT, CROSSBAR_L2_OUTPUT, HEMISPHERES, PADI_BUSES } from "../chip/limits.ts";
import type { Network } from "../network/network.ts";
import type { CrossbarNode, Routing } from "./placement.ts";

/** First bit of a neuron's label that names a hemisphere. */
export const HEMISPHERE_BIT = 6;
/** First bit of an external label that names its link. */
export const LINK_BIT = 14;

/** `busBit` is the bit of an external label that names a bus (4 · hemisphere + bus). */
export function crossbarNodes(
  network: Network,
  neuron: Int32Array,
  routing: Pick<Routing, "inputLabel" | "inputBuses" | "neuronTargets">,
  busBit: (bus: number) => number,
): CrossbarNode[] {
  const nodes = new Map<string, CrossbarNode>();
  const open = (input: number, output: number, bits: number): void => {
    nodes.set(`${input} ${output}`, { input, output, bits });
  };
  routing.inputBuses.forEach((buses, input) => {
    const link = routing.inputLabel[input]! >> LINK_BIT;
    for (let bus = 0; bus < HEMISPHERES * PADI_BUSES; bus++) {
      if (((buses >> bus) & 1) === 1) open(CROSSBAR_L2_INPUT + link, bus, 1 << busBit(bus));
    }
  });
  for (const { model, start, size } of network.populations) {
    if (!model.spikes) continue;
    for (let index = start; index < start + size; index++) {
      const circuit = neuron[index]!;
      const output = eventOutputOf(circuit);
      open(output, CROSSBAR_L2_OUTPUT + busOf(circuit), 0);
      for (let hemisphere = 0; hemisphere < HEMISPHERES; hemisphere++) {
        if (((routing.neuronTargets[index]! >> hemisphere) & 1) === 0) continue;
        open(output, PADI_BUSES * hemisphere + busOf(circuit), 1 << (HEMISPHERE_BIT + hemisphere));
      }
    }
  }
  return [...nodes.values()];
}
