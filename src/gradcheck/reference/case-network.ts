/**
 * A reference case as a network of this program. The order in which a network is computed follows from its
 * populations, but its spikes, loss and gradient do not depend on it; so the same case can be laid out in several ways:
 *
 *     apart      every neuron is a population of its own, but for those that the loss reads
 *     layered    populations are the groups of the case; without groups, neurons of equal depth
 *     recurrent  the neurons that the loss reads, all others, and connections among all of them: one stage
 *
 * Weights that the case does not have are 0.
 */

import type { LossConfig } from "../../loss/index.ts";
import type { SingleLossConfig } from "../../loss/single.ts";
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
import type { CaseLoss, CaseNeuron, GradientCase } from "./case-file.ts";

export const LAYOUTS = ["apart", "layered", "recurrent"] as const;
export type Layout = (typeof LAYOUTS)[number];

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
  /** Of the case. */
  readonly neurons: readonly number[];
}

const OUTPUT = "output";

export function caseNetwork(one: GradientCase, layout: Layout): CaseNetwork {
  const groups = groupsOf(one, layout);
  const output = groups.find(({ name }) => name === OUTPUT) as Group;
  const caseNeuron = groups.flatMap(({ neurons }) => neurons);
  const sourcesOf = (from: string): readonly number[] =>
    from === INPUT
      ? Array.from({ length: one.inputs }, (_, source) => source)
      : (groups.find(({ name }) => name === from) as Group).neurons.map((neuron) => one.inputs + neuron);
  const projections: ProjectionSpec[] = [INPUT, ...groups.map(({ name }) => name)].flatMap((from) =>
    groups
      .filter((to) => layout === "recurrent" || connected(one, sourcesOf(from), to.neurons))
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
    loss: { ...lossConfig(one.loss, output.neurons), output: OUTPUT },
    label: "label" in one.loss ? one.loss.label : 0,
    caseNeuron,
    stated,
  };
}

/** The populations of a layout. One of them, the output, holds all that the loss reads. */
function groupsOf(one: GradientCase, layout: Layout): Group[] {
  const read = "neurons" in one.loss ? one.loss.neurons : one.loss.terms.map(({ neuron }) => neuron);
  const outputs = [...new Set(read)];
  const others = one.neurons.map((_, neuron) => neuron).filter((neuron) => !outputs.includes(neuron));
  const named = (lists: readonly (readonly number[])[]): Group[] =>
    lists.filter(({ length }) => length > 0).map((neurons, i) => ({ name: `group${i}`, neurons }));
  if (layout === "apart")
    return [...named(others.map((neuron) => [neuron])), { name: OUTPUT, neurons: outputs }];
  if (layout === "recurrent") return [...named([others]), { name: OUTPUT, neurons: outputs }];
  const layers = one.groups ?? depths(one, others);
  // A loss on classes reads a whole population, in the order of its classes.
  const whole = layers.find((layer) =>
    "label" in one.loss ? layer.join() === outputs.join() : outputs.every((neuron) => layer.includes(neuron)),
  );
  if (whole === undefined) {
    const rest = layers.map((layer) => layer.filter((neuron) => !outputs.includes(neuron)));
    return [...named(rest), { name: OUTPUT, neurons: outputs }];
  }
  return named(layers).map(({ name, neurons }) => ({ name: neurons === whole ? OUTPUT : name, neurons }));
}

/** Neurons by the number of connections on the longest way from an input, counted up to the number of neurons. */
function depths(one: GradientCase, neurons: readonly number[]): number[][] {
  const depth = new Array<number>(one.neurons.length).fill(0);
  for (let round = 0; round < one.neurons.length; round++) {
    for (const target of neurons) {
      for (const source of neurons) {
        if (source === target || !connected(one, [one.inputs + source], [target])) continue;
        depth[target] = Math.min(Math.max(depth[target]!, depth[source]! + 1), one.neurons.length);
      }
    }
  }
  const levels = [...new Set(neurons.map((neuron) => depth[neuron]!))].sort((a, b) => a - b);
  return levels.map((level) => neurons.filter((neuron) => depth[neuron] === level));
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
  const perNeuron = (value: (neuron: CaseNeuron) => number): Float64Array =>
    Float64Array.from(caseNeuron, (neuron) => value(one.neurons[neuron] as CaseNeuron));
  return {
    tauMem: perNeuron(({ taum }) => taum),
    tauSynExc: perNeuron(({ taus }) => taus),
    tauSynInh: perNeuron(({ taui }) => taui),
    threshold: perNeuron(({ theta }) => theta ?? Number.POSITIVE_INFINITY),
    reset: perNeuron(({ reset }) => reset),
    refractory: perNeuron(({ tref }) => tref),
  };
}

function lossConfig(loss: CaseLoss, outputs: readonly number[]): SingleLossConfig {
  switch (loss.kind) {
    case "spike-times": {
      const terms = loss.terms.map(({ neuron, at, coefficient }) => ({
        neuron: outputs.indexOf(neuron),
        spike: at,
        coefficient,
      }));
      return { kind: "spike-time", terms };
    }
    case "voltage-at": {
      const terms = loss.terms.map(({ neuron, at, coefficient }) => ({
        neuron: outputs.indexOf(neuron),
        time: at,
        coefficient,
      }));
      return { kind: "voltage-at", terms };
    }
    case "max-over-time-cross-entropy":
      return { kind: "max-over-time", scale: loss.scale, chainScale: "exact", regularization: 0 };
    case "mean-over-time":
      return { kind: "mean-over-time", scale: loss.scale, period: loss.period };
    case "first-spike": {
      const { tau0, tau1, alpha } = loss;
      return { kind: "first-spike", tau0, tau1, alpha, missingLabel: "end-of-sample" };
    }
    case "target-times": {
      const { correct, wrong, unit } = loss;
      return { kind: "target-times", correct, wrong, unit };
    }
    default:
      return loss satisfies never;
  }
}
