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
 * Sources are counted as inputs first (0 … inputs−1), then neurons (inputs + j).
 */

import type { Microseconds, ModelVoltage } from "../core/units.ts";
import type { NeuronConstants } from "../neuron/constants.ts";
import type { NeuronModel } from "../neuron/model.ts";
import { modelOf } from "../neuron/models/index.ts";

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
}

export interface Network {
  readonly inputs: number;
  readonly neurons: number;
  readonly populations: readonly Population[];
  readonly projections: readonly Projection[];
  readonly constants: NeuronConstants;
  /** Length of the weight vector over all projections. */
  readonly weights: number;
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
}

export interface ProjectionSpec {
  /** A population's name, or `"input"`. */
  readonly from: string;
  readonly to: string;
  readonly rows: number;
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
  const perNeuron = (value: (spec: PopulationSpec) => number): Float64Array =>
    Float64Array.from(populationSpecs.flatMap((spec) => new Array<number>(spec.size).fill(value(spec))));
  return {
    inputs,
    neurons,
    populations,
    projections,
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
    weights,
    duration,
  };
}

/** The same network with other constants, e.g. those that a calibration measured. */
export function withConstants(network: Network, constants: NeuronConstants): Network {
  return { ...network, constants };
}
