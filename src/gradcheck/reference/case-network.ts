/**
 * A reference case as a network of this program. The neurons that the loss reads become the last population,
 * every other neuron a population of its own: so the order of computation follows from the connections alone,
 * and a case may be of any shape.
 *
 * Connections are those with a weight or with a stated gradient.
 */

import type { LossConfig } from "../../loss/index.ts";
import {
  buildNetwork,
  INPUT,
  type Network,
  type NeuronConstants,
  type PopulationSpec,
  type ProjectionSpec,
  withConstants,
} from "../../network/network.ts";
import type { InputSlice } from "../../network/simulate.ts";
import type { GradientCase } from "./case-file.ts";

export interface CaseNetwork {
  readonly network: Network;
  readonly weights: Float64Array;
  readonly inputs: InputSlice;
  readonly loss: LossConfig;
  readonly label: number;
  /** Neuron of the case at each neuron of the network. */
  readonly caseNeuron: readonly number[];
  /** Entries of the weight vector whose gradient the case states, with that gradient. */
  readonly stated: readonly StatedGradient[];
}

export interface StatedGradient {
  /** Index into the weights of the network. */
  readonly weight: number;
  /** Indices of the case. */
  readonly source: number;
  readonly neuron: number;
  readonly value: number;
}

interface Group {
  readonly name: string;
  readonly neurons: readonly number[];
}

const OUTPUT = "output";

export function caseNetwork(one: GradientCase): CaseNetwork {
  const read = outputNeurons(one);
  const groups: Group[] = [
    ...one.neurons
      .map((_, neuron) => ({ name: `n${neuron}`, neurons: [neuron] }))
      .filter(({ neurons: [neuron] }) => !read.includes(neuron as number)),
    { name: OUTPUT, neurons: read },
  ];
  const caseNeuron = groups.flatMap(({ neurons }) => neurons);
  const sourcesOf = (from: string): readonly number[] =>
    from === INPUT
      ? Array.from({ length: one.inputs }, (_, source) => source)
      : (groups.find(({ name }) => name === from) as Group).neurons.map((neuron) => one.inputs + neuron);
  const projections: ProjectionSpec[] = [INPUT, ...groups.map(({ name }) => name)].flatMap((from) =>
    groups
      .filter((to) => connected(one, sourcesOf(from), to.neurons))
      .map((to) => ({ from, to: to.name, rows: 1 })),
  );
  const network = withConstants(
    buildNetwork(
      one.inputs,
      groups.map((group) => populationOf(one, group)),
      projections,
      one.duration,
    ),
    constantsOf(one, caseNeuron),
  );
  const weights = new Float64Array(network.weights);
  const stated: StatedGradient[] = [];
  for (const { from, to, targets, offset } of network.projections) {
    const targetNeurons = (groups.find(({ name }) => name === to) as Group).neurons;
    sourcesOf(from).forEach((source, s) => {
      targetNeurons.forEach((neuron, t) => {
        const weight = offset + s * targets + t;
        weights[weight] = one.weights[source]![neuron]!;
        if (one.plastic[source]?.[neuron] !== true) return;
        stated.push({ weight, source, neuron, value: one.expected.gradient[source]![neuron]! });
      });
    });
  }
  return {
    network,
    weights,
    inputs: {
      time: Float64Array.from(one.events, ({ time }) => time),
      source: Int32Array.from(one.events, ({ source }) => source),
      from: 0,
      to: one.events.length,
    },
    loss: lossConfig(one, read),
    label: one.loss.kind === "max-over-time-cross-entropy" ? one.loss.label : 0,
    caseNeuron,
    stated,
  };
}

function outputNeurons({ loss }: GradientCase): readonly number[] {
  return loss.kind === "max-over-time-cross-entropy"
    ? loss.neurons
    : [...new Set(loss.terms.map(({ neuron }) => neuron))];
}

function connected(one: GradientCase, sources: readonly number[], targets: readonly number[]): boolean {
  return sources.some((source) =>
    targets.some((neuron) => one.weights[source]?.[neuron] !== 0 || one.plastic[source]?.[neuron] === true),
  );
}

/** Name, size and whether it spikes; constants follow neuron by neuron. */
function populationOf(one: GradientCase, { name, neurons }: Group): PopulationSpec {
  const spikes = neurons.some((neuron) => one.neurons[neuron]?.theta !== null);
  const replaced = { tauMem: 1, tauSynExc: 1, tauSynInh: 1, threshold: 1, reset: 0, refractory: 0 };
  return { name, model: spikes ? "lif" : "li", size: neurons.length, ...replaced };
}

function constantsOf(one: GradientCase, caseNeuron: readonly number[]): NeuronConstants {
  const perNeuron = (value: (neuron: GradientCase["neurons"][number]) => number): Float64Array =>
    Float64Array.from(caseNeuron, (neuron) => value(one.neurons[neuron] as GradientCase["neurons"][number]));
  return {
    tauMem: perNeuron(({ taum }) => taum),
    tauSynExc: perNeuron(({ taus }) => taus),
    tauSynInh: perNeuron(({ taus }) => taus),
    threshold: perNeuron(({ theta }) => theta ?? Number.POSITIVE_INFINITY),
    reset: perNeuron(({ reset }) => reset),
    refractory: perNeuron(({ tref }) => tref),
  };
}

function lossConfig({ loss }: GradientCase, read: readonly number[]): LossConfig {
  switch (loss.kind) {
    case "spike-times": {
      const terms = loss.terms.map(({ neuron, at, coefficient }) => ({
        neuron: read.indexOf(neuron),
        spike: at,
        coefficient,
      }));
      return { kind: "spike-time", terms };
    }
    case "voltage-at": {
      const terms = loss.terms.map(({ neuron, at, coefficient }) => ({
        neuron: read.indexOf(neuron),
        time: at,
        coefficient,
      }));
      return { kind: "voltage-at", terms };
    }
    case "max-over-time-cross-entropy":
      return { kind: "max-over-time", scale: loss.scale, chainScale: "exact", regularization: 0 };
    default:
      return loss satisfies never;
  }
}
