/**
 * The check of an experiment in the software simulator: central differences on drawn weights, and every estimator
 * against them; its claim judged; what each observes and keeps.
 */

import type { Report } from "../../core/progress.ts";
import { createEstimator, defaultEstimator } from "../../gradient/index.ts";
import type { Claim } from "../../gradient/types.ts";
import { spreadOf } from "../../statistics/spread.ts";
import { agreement } from "./agreement.ts";
import { compareProjection, type GradientPair, pairsOf } from "./compare.ts";
import { type EstimatedGradients, estimatedGradients } from "./estimated-gradients.ts";
import type { EstimatorUnderTest, Incompatible } from "./estimators-under-test.ts";
import { finiteDifferences, type ProjectionDifferences } from "./finite-differences.ts";
import { drawParameters, type GradientProblem, type Part, partsOf } from "./gradient-problem.ts";
import { orderOfConvergence, sumOverSamples } from "./order.ts";
import {
  type Evidence,
  type FloorEffect,
  judge,
  type MeanCosine,
  type OrderOfConvergence,
  type Verdict,
} from "./verdict.ts";

export interface CheckRequest {
  readonly problem: GradientProblem;
  readonly underTest: readonly EstimatorUnderTest[];
  /** Weights per projection, delays per projection, values per constant. */
  readonly weights: number;
  readonly seed: number;
  readonly report: Report;
}

export interface EstimatorCheck {
  readonly name: string;
  readonly claim: Claim;
  readonly verdict: Verdict;
  /** Whether the check fails with it: where the experiment trains with it or it was asked for, else by its claim alone. */
  readonly failed: boolean;
  readonly projections: Evidence["projections"];
  readonly order: OrderOfConvergence | undefined;
  readonly sampleCosine: MeanCosine | null;
  /** What the configured floor under slopes changes; null without one. */
  readonly floor: FloorEffect | null;
  /** Bytes per sample that the backward pass keeps. */
  readonly bytesKept: number;
  /** Without a floor under its slopes, as its claim is judged. */
  readonly pairs: readonly GradientPair[];
}

export interface ExperimentCheck {
  readonly passed: boolean;
  readonly samples: number;
  readonly spikesPerSample: number;
  readonly differences: readonly {
    /** A projection, or what else is learned by its name, see Part. */
    readonly projection: string;
    readonly holds: Part["holds"];
    readonly weights: number;
    readonly pairs: number;
    readonly skippedPairs: number;
    /** Of these by their reason, see ProjectionDifferences. */
    readonly skipped: ProjectionDifferences["skipped"];
    readonly skippedWeights: number;
  }[];
  readonly estimators: readonly EstimatorCheck[];
  /** Estimators that were not asked for and claim nothing about any of the samples. */
  readonly incompatible: readonly Incompatible[];
  /** The exact gradient in software, mean over samples, layout of the network. */
  readonly gradient: Float64Array;
}

export async function checkExperiment(request: CheckRequest): Promise<ExperimentCheck> {
  const { problem, underTest, seed, report } = request;
  const { network, inputs } = problem;
  report({ kind: "phase", name: "central differences" });
  const drawn = partsOf(network).map((part) => drawParameters(part, request.weights, seed));
  const differences = finiteDifferences(problem, drawn, report);
  // Without a floor under its slopes, which only chips need.
  const reference = createEstimator(network, defaultEstimator("eventprop", { slopeFloor: 0 }));
  const exact = await estimatedGradients(problem, reference);
  const exactSum = sumOverSamples(exact, network.parameters);
  const estimators: EstimatorCheck[] = [];
  const incompatible: Incompatible[] = [];
  for (const tested of underTest) {
    const { name, claim, estimator, free, refined, trained } = tested;
    report({ kind: "phase", name });
    const oneSpike = name === "first-spike";
    const estimated = await estimatedGradients(problem, free, oneSpike);
    if (oneSpike && !tested.named && estimated.outside.every((flag) => flag === 1)) {
      incompatible.push({ name, reason: "in every sample a neuron spikes twice" });
      continue;
    }
    // Its formulas are judged without a floor under slopes, its directions as it trains.
    const configured = estimator === free ? estimated : await estimatedGradients(problem, estimator);
    const trainedSum = sumOverSamples(configured, network.parameters);
    const projections = differences.map((one) => {
      const { offset, length } = one.part;
      const end = offset + length;
      const sampleCosine = sampleCosineOf(configured, exact, network.parameters, offset, length);
      const trainedCosine = agreement(
        trainedSum.subarray(offset, end),
        exactSum.subarray(offset, end),
      ).cosine;
      return { ...compareProjection(one, estimated, network.parameters), sampleCosine, trainedCosine };
    });
    const order = await orderOfConvergence(problem, refined, exact);
    const sampleCosine = sampleCosineOf(configured, exact, network.parameters, 0, network.parameters);
    const floor = estimator === free ? null : floorEffect(problem, configured, estimated);
    const verdict = judge({ claim, projections, sampleCosine, order, floor });
    const failed = trained ? !verdict.passed : !verdict.claimKept;
    const { bytesKept } = estimated;
    const pairs = differences.flatMap((one) => pairsOf(one, estimated, network.parameters));
    estimators.push({
      name,
      claim,
      verdict,
      failed,
      projections,
      order,
      sampleCosine,
      floor,
      bytesKept,
      pairs,
    });
  }
  return {
    passed: estimators.length > 0 && estimators.every(({ failed }) => !failed),
    samples: inputs.samples,
    spikesPerSample: exact.spikes / inputs.samples,
    differences: differences.map(({ part, weights, skipped, skippedWeights }) => ({
      projection: part.name,
      holds: part.holds,
      weights: weights.length,
      pairs: weights.length * inputs.samples,
      skippedPairs: skipped.spikes + skipped.order + skipped.sign,
      skipped,
      skippedWeights,
    })),
    estimators,
    incompatible,
    gradient: exactSum.map((sum) => sum / inputs.samples),
  };
}

function floorEffect(
  problem: GradientProblem,
  limited: EstimatedGradients,
  free: EstimatedGradients,
): FloorEffect {
  const sum = (of: EstimatedGradients): Float64Array => sumOverSamples(of, problem.network.parameters);
  const { relativeError } = agreement(sum(limited), sum(free));
  return { cappedJumps: limited.cappedJumps, jumps: limited.jumps, change: relativeError };
}

/** On the parameters from … from + size − 1. */
function sampleCosineOf(
  estimated: EstimatedGradients,
  exact: EstimatedGradients,
  parameters: number,
  from: number,
  size: number,
): MeanCosine | null {
  const cosines: number[] = [];
  for (let sample = 0; sample < exact.outside.length; sample++) {
    const of = ({ perSample }: EstimatedGradients): Float64Array =>
      perSample.subarray(sample * parameters + from, sample * parameters + from + size);
    const reference = of(exact);
    // No gradient, or one that is not finite, points nowhere.
    if (reference.some((entry) => entry !== 0)) cosines.push(agreement(of(estimated), reference).cosine ?? 0);
  }
  const spread = spreadOf(cosines);
  return spread === null ? null : { mean: spread.mean, error: spread.deviation / Math.sqrt(cosines.length) };
}
