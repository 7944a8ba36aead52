/** Which estimators are checked on an experiment, and why some of the table are not. */

import { UserError } from "../../core/errors.ts";
import { noCost, softwareExecutor } from "../../engine/executor.ts";
import { recordingRequests } from "../../engine/run-config.ts";
import type { LoadedExperiment } from "../../experiment/load.ts";
import {
  createEstimator,
  defaultEstimator,
  ESTIMATOR_KINDS,
  type EstimatorConfig,
  type EstimatorKind,
  estimatorIncompatibility,
} from "../../gradient/index.ts";
import type { Claim, Estimator, GradientCounts } from "../../gradient/types.ts";
import { emptyCotangent, emptyLossValue } from "../../loss/types.ts";
import type { Observation } from "../../network/observation.ts";
import type { GradientProblem } from "./gradient-problem.ts";

/** An estimator that is put to the test. */
export interface EstimatorUnderTest {
  readonly name: EstimatorKind;
  readonly config: EstimatorConfig;
  readonly claim: Claim;
  /** As configured. */
  readonly estimator: Estimator;
  /** Without a floor under slopes, which is what the claim is about; the same one when it has none. */
  readonly free: Estimator;
  /** The free estimator on finer grids, coarse to fine; empty when it has no grid. */
  readonly refined: readonly { readonly dt: number; readonly estimator: Estimator }[];
  /** Whether the estimator was asked for; one that was not may find nothing that it serves. */
  readonly named: boolean;
  /** Whether the experiment trains with it or it was asked for. Others are shown for comparison: only their claims count. */
  readonly trained: boolean;
}

export interface Incompatible {
  readonly name: string;
  readonly reason: string;
}

export interface ChosenEstimators {
  readonly underTest: readonly EstimatorUnderTest[];
  /** Estimators of the table that cannot serve this network and loss. */
  readonly incompatible: readonly Incompatible[];
}

/** Grids on which the order of a consistent estimator is measured, relative to the default one. */
const GRIDS = [1, 1 / 2, 1 / 4, 1 / 8, 1 / 16];

/**
 * The estimators called `names`; without names, all of the table that can serve. The experiment's own estimator
 * keeps its options, the others have their defaults, with grids that suit the network's time constants.
 *
 * @throws UserError("compatibility") when one that was named cannot serve
 */
export function chooseEstimators(
  loaded: LoadedExperiment,
  { network, loss }: Pick<GradientProblem, "network" | "loss">,
  names: readonly EstimatorKind[] | undefined,
): ChosenEstimators {
  const underTest: EstimatorUnderTest[] = [];
  const incompatible: Incompatible[] = [];
  const step = gridStep(network);
  for (const kind of names ?? ESTIMATOR_KINDS) {
    const own = loaded.experiment.estimator;
    const config = own.kind === kind ? own : onGrid(defaultEstimator(kind), step);
    const reason = estimatorIncompatibility(network, loss, config);
    if (reason === undefined) {
      const estimator = createEstimator(network, config);
      const { claim } = estimator;
      const named = names !== undefined;
      const trained = named || own.kind === kind;
      const unlimited = withoutFloor(config);
      const free = unlimited === config ? estimator : createEstimator(network, unlimited);
      const refined = claim === "consistent" ? refine(unlimited, step, network) : [];
      underTest.push({ name: kind, config, claim, estimator, free, refined, named, trained });
    } else if (names === undefined) incompatible.push({ name: kind, reason });
    else {
      throw new UserError("compatibility", `${kind} cannot serve here: ${reason}`, {
        where: loaded.locate(["loss", "kind"]),
        hint: "leave it out of --estimators, or change the network or its loss",
      });
    }
  }
  return { underTest, incompatible };
}

/** A sixth of the shortest time constant, µs: 1 µs for the Yin-Yang experiment, which is the published step. */
function gridStep({ constants: { tauMem, tauSynExc, tauSynInh } }: GradientProblem["network"]): number {
  const shortest = [tauMem, tauSynExc, tauSynInh].map((all) => all.reduce((a, b) => Math.min(a, b)));
  return Number((Math.min(...shortest) / 6).toPrecision(3));
}

/** Every estimator on a grid calls its step `dt`; membranes are sampled half as often. */
function onGrid(config: EstimatorConfig, dt: number): EstimatorConfig {
  if (!("dt" in config)) return config;
  return "samplePeriod" in config ? { ...config, dt, samplePeriod: 2 * dt } : { ...config, dt };
}

function withoutFloor(config: EstimatorConfig): EstimatorConfig {
  return "slopeFloor" in config && config.slopeFloor !== 0 ? { ...config, slopeFloor: 0 } : config;
}

function refine(
  config: EstimatorConfig,
  step: number,
  network: GradientProblem["network"],
): EstimatorUnderTest["refined"] {
  return GRIDS.map((factor) => {
    const dt = factor * step;
    return { dt, estimator: createEstimator(network, { ...config, dt } as EstimatorConfig) };
  });
}

// What an estimator says about a problem --------------------------------------------------------------------

// What an estimator says about a problem in the software simulator: its gradient of every sample, and what it cost.

export interface EstimatedGradients {
  /** ∂L/∂θ [sample · parameters + parameter]: weights, then delays and constants that are learned. */
  readonly perSample: Float64Array;
  /** Jumps that were capped, of how many, over all samples. */
  readonly cappedJumps: number;
  readonly jumps: number;
  /** Spikes of all samples. */
  readonly spikes: number;
  /** 1 for samples in which the estimator does not claim anything: with a capped jump, or see `oneSpike`. */
  readonly outside: Uint8Array;
  /** Bytes that the backward pass keeps, mean over samples. */
  readonly bytesKept: number;
}

/** @param oneSpike whether the estimator claims nothing where a neuron spikes twice */
export async function estimatedGradients(
  problem: GradientProblem,
  estimator: Estimator,
  oneSpike = false,
): Promise<EstimatedGradients> {
  const { network, weights, loss, inputs, labels } = problem;
  const executor = softwareExecutor(network, recordingRequests(network, loss, estimator));
  const perSample = new Float64Array(inputs.samples * network.parameters);
  const outside = new Uint8Array(inputs.samples);
  const cotangent = emptyCotangent();
  const value = emptyLossValue();
  const counts: GradientCounts = { cappedJumps: 0, spikes: 0 };
  let spikes = 0;
  let bytesKept = 0;
  await executor.load(weights);
  await executor.observe(
    inputs,
    0,
    (sample, observation) => {
      loss.evaluate(observation, labels[sample]!, cotangent, value);
      const before = counts.cappedJumps;
      const own = perSample.subarray(sample * network.parameters, (sample + 1) * network.parameters);
      estimator.accumulate(observation, weights, cotangent, own, counts);
      outside[sample] = counts.cappedJumps > before || (oneSpike && hasRepeats(observation)) ? 1 : 0;
      spikes += observation.spikes.count;
      bytesKept += estimator.bytesKept(observation) / inputs.samples;
    },
    noCost(),
  );
  await executor.close();
  return { perSample, cappedJumps: counts.cappedJumps, jumps: counts.spikes, spikes, outside, bytesKept };
}

/** Whether any neuron spiked more than once. */
function hasRepeats({ spikes: { index, count } }: Observation): boolean {
  return new Set(index.subarray(0, count)).size < count;
}
