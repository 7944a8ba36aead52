/**
 * λ_V and λ_I of neurons along one sample, for looking at. They are read off the exact adjoint from outside: a spike of
 * weight 0 that reaches neuron j at t changes nothing, and the gradient of its weight is −τ_s λ_I,j(t). A second such
 * spike a moment later gives λ_V by the equations of the adjoint, which hold exactly where no event lies between them:
 *
 *     λ_I(t) = λ_I(t + δ) e^{−δ/τ_s} + λ_V(t + δ) e^{−δ/τ_s} (e^{aδ} − 1) / (a τ_s),    a = 1/τ_s − 1/τ_m
 *     λ_V(t) = λ_V(t + δ) e^{−δ/τ_m}
 */

import type { Cotangent } from "../loss/types.ts";
import { isClosedForm } from "../network/adaptive-neurons.ts";
import { stagesOf } from "../network/graph.ts";
import { INPUT, type Network, type Projection } from "../network/network.ts";
import type { Observation, SpikeList } from "../network/observation.ts";
import { eventProp } from "./eventprop.ts";

export interface AdjointTrace {
  readonly neuron: number;
  /** ∂L/∂V and ∂L/∂I as a function of time: at `times` of the request, for the excitatory synapse. */
  readonly lambdaV: Float64Array;
  readonly lambdaI: Float64Array;
}

/** Between the two spikes that are worth λ_V, µs: far below every time constant, far above the digits of a time. */
const APART = 1e-3;

/** Whether the neurons are LIF or LI without delays and learned constants: other models have other adjoints. */
export function hasAdjointTraces(network: Network): boolean {
  const closed = stagesOf(network).every((stage) => isClosedForm(network, stage));
  return closed && network.parameters === network.weights;
}

/**
 * @param cotangent of the loss on this observation
 * @param neurons numbers over all populations
 * @param times ascending, µs, within the sample
 * @param slopeFloor as of the estimator `eventprop`
 */
export function adjointTraces(
  network: Network,
  observation: Observation,
  weights: Float64Array,
  cotangent: Cotangent,
  neurons: readonly number[],
  times: Float64Array,
  slopeFloor: number,
): AdjointTrace[] {
  const probes = 2 * times.length;
  const probed = withProbes(network, probes);
  const inputs = withProbeSpikes(observation.inputs, times, network.inputs);
  const extended = new Float64Array(probed.parameters);
  extended.set(weights.subarray(0, network.weights));
  const gradient = new Float64Array(probed.parameters);
  const counts = { cappedJumps: 0, spikes: 0 };
  const adjoint = eventProp.create.create(probed, { slopeFloor });
  adjoint.accumulate({ ...observation, inputs }, extended, cotangent, gradient, counts);
  return neurons.map((neuron) => {
    const to = network.populations.find(({ start, size }) => neuron >= start && neuron < start + size)!;
    const { offset, targets } = probed.projections.find((one) => one.name === probeName(to.name))!;
    const tauMem = network.constants.tauMem[neuron]!;
    const tauSyn = network.constants.tauSynExc[neuron]!;
    const lambdaI = (probe: number): number =>
      -gradient[offset + probe * targets + neuron - to.start]! / tauSyn;
    const decay = Math.exp(-APART / tauSyn);
    const a = 1 / tauSyn - 1 / tauMem;
    const back = Math.exp(-APART / tauMem);
    const gain = (decay * (a === 0 ? APART : Math.expm1(a * APART) / a)) / tauSyn;
    return {
      neuron,
      lambdaI: Float64Array.from(times, (_, k) => lambdaI(2 * k)),
      lambdaV: Float64Array.from(
        times,
        (_, k) => (back * (lambdaI(2 * k) - lambdaI(2 * k + 1) * decay)) / gain,
      ),
    };
  });
}

const probeName = (population: string): string => `probe>${population}`;

/** The network with further inputs, each of which reaches every neuron by a weight of its own. */
function withProbes(network: Network, probes: number): Network {
  let weights = network.weights;
  const shifted = network.projections.map(
    (one): Projection =>
      one.sourceStart < network.inputs ? one : { ...one, sourceStart: one.sourceStart + probes },
  );
  const added = network.populations.map(({ name, start, size }): Projection => {
    const offset = weights;
    weights += probes * size;
    return {
      name: probeName(name),
      from: INPUT,
      to: name,
      sourceStart: network.inputs,
      sources: probes,
      targetStart: start,
      targets: size,
      offset,
      rows: 1,
    };
  });
  return {
    ...network,
    inputs: network.inputs + probes,
    projections: [...shifted, ...added],
    weights,
    parameters: weights,
  };
}

/** The input spikes with two of the probes around each time, in ascending order. */
function withProbeSpikes({ count, time, index }: SpikeList, times: Float64Array, first: number): SpikeList {
  const all = Array.from({ length: count }, (_, k) => [time[k]!, index[k]!] as const);
  for (const [k, t] of times.entries()) all.push([t, first + 2 * k], [t + APART, first + 2 * k + 1]);
  all.sort(([a], [b]) => a - b);
  return {
    count: all.length,
    time: Float64Array.from(all, ([t]) => t),
    index: Int32Array.from(all, ([, source]) => source),
  };
}
