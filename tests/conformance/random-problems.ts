/** Random networks for conformance tests: layered or recurrent, refractory, with unequal constants. */

import { type Stream, stream } from "../../src/core/random.ts";
import type { LossConfig } from "../../src/loss/index.ts";
import {
  buildNetwork,
  INPUT,
  type Network,
  type PopulationSpec,
  withConstants,
} from "../../src/network/network.ts";
import type { Observation } from "../../src/network/observation.ts";
import { inputSlice, observe, type Problem } from "./gradients.ts";

export interface Shape {
  /** Sizes of spiking layers, then of the readout (0: the last spiking layer is the output). */
  readonly layers: readonly number[];
  readonly readout: number;
  readonly recurrent: boolean;
  readonly refractory: number;
  /** Relative spread of all constants; time constants of excitation and inhibition differ when > 0. */
  readonly spread: number;
  readonly ratio: number;
}

export const SHAPES: Readonly<Record<string, Shape>> = {
  "one layer": { layers: [4], readout: 0, recurrent: false, refractory: 0, spread: 0, ratio: 1 },
  "layers, readout": { layers: [5, 3], readout: 2, recurrent: false, refractory: 0, spread: 0, ratio: 1 },
  "unequal, refractory": {
    layers: [6],
    readout: 3,
    recurrent: false,
    refractory: 1.3,
    spread: 0.08,
    ratio: 1,
  },
  "nearly equal": { layers: [4, 3], readout: 2, recurrent: false, refractory: 0.5, spread: 1e-9, ratio: 1 },
  recurrent: { layers: [4], readout: 0, recurrent: true, refractory: 0, spread: 0.05, ratio: 1.6 },
  "recurrent, refractory, readout": {
    layers: [4, 3],
    readout: 2,
    recurrent: true,
    refractory: 2,
    spread: 0.1,
    ratio: 1,
  },
  "twice as slow": { layers: [5], readout: 2, recurrent: false, refractory: 1, spread: 0, ratio: 2 },
};

/** Every neuron spikes at most once: the domain of closed forms for first spikes. */
export const SINGLE_SPIKE_SHAPES: Readonly<Record<string, Shape>> = {
  "single spikes": { layers: [5, 3], readout: 0, recurrent: false, refractory: 100, spread: 0, ratio: 1 },
  "single spikes, twice as slow": {
    layers: [4, 4, 2],
    readout: 0,
    recurrent: false,
    refractory: 100,
    spread: 0,
    ratio: 2,
  },
};

const DURATION = 40;
const INPUTS = 4;

export function randomNetwork(shape: Shape, draws: Stream): Network {
  const spec = (name: string, model: "lif" | "li", size: number): PopulationSpec => ({
    name,
    model,
    size,
    tauMem: 6 * shape.ratio,
    tauSynExc: 6,
    tauSynInh: 6,
    threshold: 1,
    reset: 0,
    refractory: model === "lif" ? shape.refractory : 0,
  });
  const populations = shape.layers.map((size, layer) => spec(`layer${layer}`, "lif", size));
  if (shape.readout > 0) populations.push(spec("readout", "li", shape.readout));
  const projections = populations.map(({ name }, p) => ({
    from: p === 0 ? INPUT : populations[p - 1]!.name,
    to: name,
    rows: 1,
  }));
  if (shape.recurrent) projections.push({ from: "layer0", to: "layer0", rows: 1 });
  const network = buildNetwork(INPUTS, populations, projections, DURATION);
  const vary = (values: Float64Array): Float64Array =>
    values.map((value) => value * (1 + shape.spread * (2 * draws.uniform() - 1)));
  const { tauMem, tauSynExc, tauSynInh, threshold, reset, refractory } = network.constants;
  return withConstants(network, {
    tauMem: vary(tauMem),
    tauSynExc: vary(tauSynExc),
    tauSynInh: vary(tauSynInh),
    threshold: vary(threshold),
    reset: shape.spread > 0.01 ? reset.map(() => 0.1 * draws.normal()) : reset,
    refractory,
  });
}

/** Weights that make neurons spike a few times, with enough inhibition to matter; slow membranes need more. */
export function randomWeights(network: Network, ratio: number, draws: Stream): Float64Array {
  const weights = new Float64Array(network.weights);
  for (const { from, to, sources, targets, offset } of network.projections) {
    const [mean, spread] = from === INPUT ? [2.2, 1.5] : from === to ? [-0.2, 0.5] : [1, 1];
    for (let i = 0; i < sources * targets; i++)
      weights[offset + i] = ratio * (mean + spread * draws.normal());
  }
  return weights;
}

/**
 * A problem with a random loss of the kinds that fit the output. The loss on spike times refers to spikes that
 * there are; undefined when the output stays silent.
 */
export function randomProblem(shape: Shape, seed: number): Problem | undefined {
  const draws = stream(seed, "test/problem");
  const network = randomNetwork(shape, draws);
  const weights = randomWeights(network, shape.ratio, draws);
  const times = Array.from({ length: 6 }, () => 12 * draws.uniform()).sort((a, b) => a - b);
  const inputs = inputSlice(
    times,
    times.map(() => draws.below(INPUTS)),
  );
  const output = network.populations.at(-1)!;
  const label = draws.below(output.size);
  const problem = (loss: LossConfig): Problem => ({ network, weights, inputs, loss, label });
  const voltageTerms = Array.from({ length: 3 }, () => ({
    neuron: draws.below(output.size),
    time: 15 + 20 * draws.uniform(),
    coefficient: draws.normal(),
  }));
  const voltageLoss = problem({ kind: "voltage-at", terms: voltageTerms });
  const kind = draws.below(3);
  if (!output.model.spikes) {
    if (kind === 0) return voltageLoss;
    if (kind === 1) return problem({ kind: "mean-over-time", scale: 1, period: 1.7 });
    return problem({ kind: "max-over-time", scale: 3, chainScale: "exact", regularization: 0.01 });
  }
  if (kind === 0) return voltageLoss;
  const terms = spikeTerms(observe(voltageLoss).observation, output.start, draws);
  return terms.length === 0 ? undefined : problem({ kind: "spike-time", terms });
}

function spikeTerms({ spikes }: Observation, start: number, draws: Stream) {
  const seen = new Map<number, number>();
  const terms: { neuron: number; spike: number; coefficient: number }[] = [];
  for (let entry = 0; entry < spikes.count; entry++) {
    const neuron = spikes.index[entry]! - start;
    if (neuron < 0) continue;
    const spike = seen.get(neuron) ?? 0;
    seen.set(neuron, spike + 1);
    if (spike < 3) terms.push({ neuron, spike, coefficient: draws.normal() });
  }
  return terms;
}
