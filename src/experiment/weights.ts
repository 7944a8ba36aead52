/**
 * Weights as an experiment asks for them: which connections exist, which sign they may have, and their first values. A
 * connection that does not exist is a weight that is 0 and stays 0.
 */

import { stream } from "../core/random.ts";
import type { Network, Projection } from "../network/network.ts";
import { parameterTheta, writeInitial } from "../network/parameters.ts";
import { createConnect } from "./connectivity/index.ts";
import { createInitializer } from "./initial/index.ts";
import { readVector } from "./matrix-file.ts";
import type { Experiment } from "./schema.ts";

type Described = Pick<Experiment, "network" | "seed">;

/** What the weights of one projection must keep to. */
export interface WeightRule {
  readonly from: number;
  readonly to: number;
  readonly sign: "any" | "excitatory" | "inhibitory";
  /** 1 for each weight that exists, counted from `from`; absent when all do. */
  readonly mask?: Uint8Array;
}

/** Rules of the projections that have one. Connections are drawn by the experiment's seed, one stream per projection. */
export function weightRules(experiment: Described, network: Network): WeightRule[] {
  return network.projections
    .map((projection) => ruleOf(experiment, projection))
    .filter(({ sign, mask }) => sign !== "any" || mask !== undefined);
}

/** @throws UserError when the projection cannot be connected as the experiment asks */
export function ruleOf(
  { network, seed }: Described,
  { name, offset, sources, targets }: Projection,
): WeightRule {
  const file = network.projections[name];
  const pairs = { name, sources, targets };
  const mask =
    file === undefined ? undefined : createConnect(file.connect)(pairs, stream(seed, `connections/${name}`));
  return {
    from: offset,
    to: offset + sources * targets,
    sign: file?.sign ?? "any",
    ...(mask === undefined ? {} : { mask }),
  };
}

/** The nearest weights that keep to the rules, in place. */
export function keepRules(rules: readonly WeightRule[], weights: Float64Array): void {
  for (const { from, to, sign, mask } of rules) {
    for (let i = from; i < to; i++) {
      const wrongSign = sign === "excitatory" ? weights[i]! < 0 : sign === "inhibitory" && weights[i]! > 0;
      if (wrongSign || mask?.[i - from] === 0) weights[i] = 0;
    }
  }
}

/** Sets the gradient of connections that do not exist to 0, so that it does not count in its length. */
export function maskGradient(rules: readonly WeightRule[], gradient: Float64Array): void {
  for (const { from, to, mask } of rules) {
    if (mask === undefined) continue;
    for (let i = from; i < to; i++) if (mask[i - from] === 0) gradient[i] = 0;
  }
}

/**
 * All that is learned before training: weights, one stream per projection and seed, then delays and constants. Where a
 * sign is asked for, a drawn weight of the other sign is reflected.
 */
export function initialWeights(experiment: Described, network: Network): Float64Array<ArrayBuffer> {
  const weights = new Float64Array(network.parameters);
  for (const projection of network.projections) {
    const { offset, sources, targets } = projection;
    writeFirst(experiment, projection, weights.subarray(offset, offset + sources * targets));
  }
  writeInitial(network.segments, weights);
  for (const projection of network.projections) writeFirstDelays(experiment, projection, weights);
  return weights;
}

/** @throws UserError when they cannot be made, e.g. a file has another shape */
export function writeFirst(experiment: Described, projection: Projection, own: Float64Array): void {
  const { name, sources, targets } = projection;
  const file = experiment.network.projections[name];
  if (file === undefined) return;
  const { sign, mask } = ruleOf(experiment, projection);
  const fanIn = new Int32Array(targets).fill(mask === undefined ? sources : 0);
  mask?.forEach((exists, i) => {
    fanIn[i % targets]! += exists;
  });
  createInitializer(file.init)(
    { name, sources, targets, fanIn, weights: own },
    stream(experiment.seed, `weights/${name}`),
  );
  if (sign === "any" && mask === undefined) return;
  own.forEach((weight, i) => {
    if (sign !== "any") own[i] = sign === "excitatory" ? Math.abs(weight) : -Math.abs(weight);
    if (mask?.[i] === 0) own[i] = 0;
  });
}

/** First delays that a file names; others are those of `writeInitial`. @throws UserError when the file has not got them */
export function writeFirstDelays(
  { network }: Pick<Described, "network">,
  { name, delay }: Projection,
  weights: Float64Array,
): void {
  const file = network.projections[name]?.delay?.file;
  if (delay === undefined || file === undefined) return;
  const { segment } = delay;
  readVector(file, segment.name, segment.length, segment.high).forEach((time, i) => {
    weights[segment.offset + i] = parameterTheta(segment, time);
  });
}
