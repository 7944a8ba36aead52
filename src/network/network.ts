/**
 * A spiking network as mathematics: populations of neurons, projections between them, constants per neuron.
 * It knows nothing of chips, losses or files. Estimators, the software simulator and the mapping read it.
 *
 * Model, per neuron j (docs/method.md):
 *
 *     τ_m V̇ = −V + I_e + I_i      τ_e İ_e = −I_e      τ_i İ_i = −I_i
 *     a spike of source s adds w_sj to I_e when w_sj ≥ 0, to I_i when w_sj < 0
 *     a spike at t_k when V crosses ϑ from below; V = V_r during [t_k, t_k + t_ref], I runs on
 *
 * Other models add to this (src/neuron/constants.ts); a projection may delay its spikes.
 *
 * Sources are counted as inputs first (0 … inputs−1), then neurons (inputs + j).
 */

import type { Microseconds, ModelVoltage } from "../core/units.ts";
import {
  EXTRA_NAMES,
  type ExtraConstants,
  type ExtraName,
  NEUTRAL,
  type NeuronConstants,
} from "../neuron/constants.ts";
import type { NeuronModel } from "../neuron/model.ts";
import { modelOf } from "../neuron/models/index.ts";
import type { DelayKind, ParameterSegment } from "./parameters.ts";

export type { NeuronConstants } from "../neuron/constants.ts";

export interface Population {
  readonly name: string;
  readonly model: NeuronModel;
  /** First neuron of the population in the arrays over all neurons. */
  readonly start: number;
  readonly size: number;
}

/** All-to-all connections from one group of sources to one population. */
export interface Projection {
  /** `"input>hidden"`. */
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** First source and number of sources. */
  readonly sourceStart: number;
  readonly sources: number;
  /** First neuron and number of neurons. */
  readonly targetStart: number;
  readonly targets: number;
  /** Weights of this projection: `weights[offset + source * targets + target]`, both relative. */
  readonly offset: number;
  /** Synapse rows of one sign that each source gets on a chip; a logical weight is their sum. */
  readonly rows: number;
  /** How long its spikes travel; absent: they arrive at once. */
  readonly delay?: ProjectionDelay;
}

export interface ProjectionDelay {
  readonly kind: Exclude<DelayKind, "none">;
  /** Its values: one per source (axonal), target (dendritic), or both, source · targets + target (synaptic). */
  readonly segment: ParameterSegment;
}

export interface Network {
  readonly inputs: number;
  readonly neurons: number;
  readonly populations: readonly Population[];
  readonly projections: readonly Projection[];
  readonly constants: NeuronConstants;
  /** Constants that only some models have; neutral for the others. */
  readonly extra: ExtraConstants;
  /** Length of the weight vector over all projections. */
  readonly weights: number;
  /** What is learned beside the weights, and the length of the vector of all that is. */
  readonly segments: readonly ParameterSegment[];
  readonly parameters: number;
  /** Length of one sample. */
  readonly duration: Microseconds;
}

/** What a population is made of, before it is laid out. */
export interface PopulationSpec {
  readonly name: string;
  /** The word for its neuron model. */
  readonly model: string;
  readonly size: number;
  readonly tauMem: Microseconds;
  readonly tauSynExc: Microseconds;
  readonly tauSynInh: Microseconds;
  readonly threshold: ModelVoltage;
  readonly reset: ModelVoltage;
  readonly refractory: Microseconds;
  /** Constants that only some models have. */
  readonly extra?: { readonly [name in ExtraName]?: number };
  /** Constants that are learned. */
  readonly trainable?: readonly TrainableConstant[];
}

/** A constant of a population that is learned, within bounds around its nominal value. */
export interface TrainableConstant {
  /** A name of NeuronConstants or ExtraConstants, or `tauSyn` for both synaptic time constants. */
  readonly name: string;
  readonly per: "population" | "neuron";
  readonly low: number;
  readonly high: number;
  readonly learningRate: number;
}

export interface DelaySpec {
  readonly kind: Exclude<DelayKind, "none">;
  /** 0 ≤ initial ≤ maximum. */
  readonly initial: Microseconds;
  readonly maximum: Microseconds;
  /** Factor on the learning rate; 0 keeps the delays. */
  readonly learningRate: number;
}

export interface ProjectionSpec {
  /** A population's name, or `"input"`. */
  readonly from: string;
  readonly to: string;
  readonly rows: number;
  readonly delay?: DelaySpec;
}

/** The name of the group of external sources. */
export const INPUT = "input";

/** Lays out a network. Throws a plain Error on names that do not exist; the experiment file is checked before. */
export function buildNetwork(
  inputs: number,
  populationSpecs: readonly PopulationSpec[],
  projectionSpecs: readonly ProjectionSpec[],
  duration: Microseconds,
): Network {
  const populations: Population[] = [];
  let neurons = 0;
  for (const { name, model, size } of populationSpecs) {
    populations.push({ name, model: modelOf(model), start: neurons, size });
    neurons += size;
  }
  const find = (name: string): Population => {
    const found = populations.find((population) => population.name === name);
    if (found === undefined) throw new Error(`no population called ${name}`);
    return found;
  };
  const projections: Projection[] = [];
  let weights = 0;
  for (const { from, to, rows } of projectionSpecs) {
    const target = find(to);
    const [sourceStart, sources] =
      from === INPUT ? [0, inputs] : [inputs + find(from).start, find(from).size];
    projections.push({
      name: `${from}>${to}`,
      from,
      to,
      sourceStart,
      sources,
      targetStart: target.start,
      targets: target.size,
      offset: weights,
      rows,
    });
    weights += sources * target.size;
  }
  const layout = layOut(populationSpecs, populations, projectionSpecs, projections, weights);
  const perNeuron = (value: (spec: PopulationSpec) => number): Float64Array =>
    Float64Array.from(populationSpecs.flatMap((spec) => new Array<number>(spec.size).fill(value(spec))));
  return {
    inputs,
    neurons,
    populations,
    projections: layout.projections,
    constants: {
      tauMem: perNeuron((spec) => spec.tauMem),
      tauSynExc: perNeuron((spec) => spec.tauSynExc),
      tauSynInh: perNeuron((spec) => spec.tauSynInh),
      threshold: perNeuron(({ model, threshold }) =>
        modelOf(model).spikes ? threshold : Number.POSITIVE_INFINITY,
      ),
      reset: perNeuron((spec) => spec.reset),
      refractory: perNeuron((spec) => spec.refractory),
    },
    extra: Object.fromEntries(
      EXTRA_NAMES.map((name) => [name, perNeuron(({ extra }) => extra?.[name] ?? NEUTRAL[name])]),
    ) as unknown as ExtraConstants,
    weights,
    segments: layout.segments,
    parameters: layout.end,
    duration,
  };
}

/** Gives every learned delay and constant its place behind the weights. */
function layOut(
  populationSpecs: readonly PopulationSpec[],
  populations: readonly Population[],
  projectionSpecs: readonly ProjectionSpec[],
  projections: readonly Projection[],
  weights: number,
): { projections: Projection[]; segments: ParameterSegment[]; end: number } {
  const segments: ParameterSegment[] = [];
  let end = weights;
  const add = (segment: Omit<ParameterSegment, "offset">): ParameterSegment => {
    const placed = { ...segment, offset: end };
    segments.push(placed);
    end += segment.length;
    return placed;
  };
  const delayed = projections.map((projection, p) => {
    const delay = projectionSpecs[p]?.delay;
    if (delay === undefined) return projection;
    const { kind, initial, maximum, learningRate } = delay;
    const { sources, targets } = projection;
    const length = kind === "axonal" ? sources : kind === "dendritic" ? targets : sources * targets;
    const name = `delay ${projection.name}`;
    const segment = add({ name, length, low: 0, high: maximum, initial, learningRate });
    return { ...projection, delay: { kind, segment } };
  });
  populationSpecs.forEach((spec, p) => {
    const { name: population, start, size } = populations[p]!;
    for (const { name, per, low, high, learningRate } of spec.trainable ?? []) {
      const source = { ...NEUTRAL, ...spec, ...spec.extra, tauSyn: spec.tauSynExc };
      const initial = source[name as keyof typeof source] as number;
      const constant = { name, start, size };
      const length = per === "neuron" ? size : 1;
      add({ name: `${name} ${population}`, length, low, high, initial, learningRate, constant });
    }
  });
  return { projections: delayed, segments, end };
}

/** The same network with other constants, e.g. those that a calibration measured. */
export function withConstants(network: Network, constants: NeuronConstants, extra = network.extra): Network {
  return { ...network, constants, extra };
}

/** The same network with models without closed form solved to another tolerance. */
export function withTolerance(network: Network, tolerance: number): Network {
  const { extra } = network;
  return { ...network, extra: { ...extra, tolerance: extra.tolerance.map(() => tolerance) } };
}
