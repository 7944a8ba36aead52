/** Networks, weights and inputs for tests of the simulator. */

import { type Stream, stream } from "../../src/core/random.ts";
import {
  buildNetwork,
  type Network,
  type NeuronConstants,
  type PopulationSpec,
  withConstants,
} from "../../src/network/network.ts";
import type { Observation } from "../../src/network/observation.ts";
import type { InputSlice } from "../../src/network/simulate.ts";

export interface Sample {
  readonly network: Network;
  readonly weights: Float64Array;
  readonly inputs: InputSlice;
}

/** Input spikes given as [time, source], in any order. */
export function inputSlice(events: readonly (readonly [number, number])[]): InputSlice {
  const sorted = [...events].sort((a, b) => a[0] - b[0]);
  return {
    time: Float64Array.from(sorted, ([time]) => time),
    source: Int32Array.from(sorted, ([, source]) => source),
    from: 0,
    to: sorted.length,
  };
}

/** Spike times of one neuron. */
export function spikesOf({ spikes }: Observation, neuron: number): number[] {
  const times: number[] = [];
  for (let k = 0; k < spikes.count; k++) if (spikes.index[k] === neuron) times.push(spikes.time[k]!);
  return times;
}

export function lif(name: string, size: number, changes: Partial<PopulationSpec> = {}): PopulationSpec {
  return {
    name,
    model: "lif",
    size,
    tauMem: 6,
    tauSynExc: 6,
    tauSynInh: 6,
    threshold: 1,
    reset: 0,
    refractory: 0,
    ...changes,
  };
}

export function li(name: string, size: number, changes: Partial<PopulationSpec> = {}): PopulationSpec {
  return lif(name, size, { model: "li", ...changes });
}

export interface RandomNetworkOptions {
  /** Projections among and within the spiking populations against the direction of flow. */
  readonly recurrent: boolean;
  readonly refractory: number;
}

/**
 * Inputs → two spiking populations → one readout. One in three networks has equal constants everywhere, one
 * in three separate synaptic constants, one in three constants per neuron.
 */
export function randomSample(seed: number, { recurrent, refractory }: RandomNetworkOptions): Sample {
  const draw = stream(seed, "test/network");
  const duration = 24;
  const inputs = 4;
  const kind = draw.below(3);
  const shared = { refractory, reset: kind === 0 ? 0 : -0.1, tauSynInh: kind === 0 ? 6 : 4.5 };
  const plain = buildNetwork(
    inputs,
    [lif("first", 5, shared), lif("second", 4, shared), li("readout", 2, shared)],
    [
      { from: "input", to: "first", rows: 1 },
      { from: "first", to: "second", rows: 1 },
      { from: "input", to: "second", rows: 1 },
      { from: "first", to: "readout", rows: 1 },
      { from: "second", to: "readout", rows: 1 },
      ...(recurrent
        ? [
            { from: "first", to: "first", rows: 1 },
            { from: "second", to: "first", rows: 1 },
          ]
        : []),
    ],
    duration,
  );
  const network = kind === 2 ? withConstants(plain, spread(plain.constants, draw)) : plain;
  const weights = new Float64Array(network.weights);
  for (const { from, to, offset, sources, targets } of network.projections) {
    // Projections against the flow inhibit on average, or activity would feed itself without end.
    const mean = from === "input" ? 1.5 : to === "first" ? -0.4 : 0.1;
    const deviation = from === "input" ? 1.2 : 0.6;
    for (let k = 0; k < sources * targets; k++) weights[offset + k] = mean + deviation * draw.normal();
  }
  const events: [number, number][] = [];
  for (let k = 0; k < 8; k++) events.push([0.75 * duration * draw.uniform(), draw.below(inputs)]);
  // Two sources at one time.
  events.push([5, 0], [5, 1]);
  return { network, weights, inputs: inputSlice(events) };
}

function spread(constants: NeuronConstants, draw: Stream): NeuronConstants {
  const scatter = (values: Float64Array): Float64Array =>
    values.map((value) => value * (1 + 0.1 * draw.normal()));
  return {
    tauMem: scatter(constants.tauMem),
    tauSynExc: scatter(constants.tauSynExc),
    tauSynInh: scatter(constants.tauSynInh),
    threshold: scatter(constants.threshold),
    reset: scatter(constants.reset),
    refractory: scatter(constants.refractory),
  };
}
