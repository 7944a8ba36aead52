/**
 * Follows one event through the words of a chip, as chip/types.ts describes them and written without the
 * mapping: crossbar node → PADI bus → driver → row → synapse → circuits that share a membrane. What arrives where is what the network really is.
 */

import type { ChipConfig } from "../../src/chip/types.ts";

export interface Arrival {
  /** Sum of weights on excitatory and on inhibitory rows, per membrane, at its first circuit (512). */
  readonly exc: Int32Array;
  readonly inh: Int32Array;
  /** Buses (4 · hemisphere + bus) that carried the event. */
  readonly buses: readonly number[];
}

/** An event from the FPGA with its 16-bit label. */
export function followExternal(config: ChipConfig, label: number): Arrival {
  return follow(config, 8 + (label >> 14), label & 0x3fff);
}

/** A spike of a circuit. */
export function followNeuron(config: ChipConfig, circuit: number): Arrival {
  return follow(config, (circuit % 256) >> 5, spikeLabel(config, circuit));
}

/** Label of a circuit's spike: event output and address. */
export function spikeLabel(config: ChipConfig, circuit: number): number {
  return (((circuit % 256) >> 5) << 8) | config.neurons.address[circuit]!;
}

/** Whether an event that enters the crossbar at `input` leaves at `output`. */
export function passes(config: ChipConfig, input: number, output: number, label: number): boolean {
  const { nodeOn, nodeMask, nodeTarget } = config.routing;
  const node = input * 12 + output;
  return nodeOn[node] === 1 && (label & nodeMask[node]!) === nodeTarget[node];
}

function follow(config: ChipConfig, input: number, label: number): Arrival {
  const exc = new Int32Array(512);
  const inh = new Int32Array(512);
  const buses: number[] = [];
  const { rowMode, driverMask } = config.routing;
  for (let bus = 0; bus < 8; bus++) {
    if (!passes(config, input, bus, label)) continue;
    buses.push(bus);
    const hemisphere = bus >> 2;
    const select = (label >> 6) & 31;
    for (let driver = bus & 3; driver < 128; driver += 4) {
      const mask = driverMask[hemisphere * 128 + driver]!;
      if ((select & mask) !== ((driver >> 2) & mask)) continue;
      for (const row of [2 * driver, 2 * driver + 1]) {
        const mode = rowMode[hemisphere * 256 + row];
        const currents = mode === 1 ? exc : mode === 2 ? inh : undefined;
        if (currents === undefined) continue;
        for (let column = 0; column < 256; column++) {
          const synapse = (hemisphere * 256 + row) * 256 + column;
          if (config.synapses.label[synapse] !== (label & 63)) continue;
          let circuit = hemisphere * 256 + column;
          while (circuit > 0 && config.couplings[circuit - 1] === 1) circuit--;
          currents[circuit] = currents[circuit]! + config.synapses.weight[synapse]!;
        }
      }
    }
  }
  return { exc, inh, buses };
}
