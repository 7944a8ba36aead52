/**
 * The check of an experiment in the software simulator: central differences on drawn weights, and every estimator
 * against them; its claim judged; what each observes and keeps.
 */

import type { Report } from "../../core/progress.ts";
import { createEstimator, defaultEstimator } from "../../gradient/index.ts";
import type { Claim } from "../../gradient/types.ts";
import { logarithmicSlope, spreadOf } from "../../statistics/spread.ts";
import { agreement, compareProjection, type GradientPair, medianEntryError, pairsOf } from "./agreement.ts";
import {
  type EstimatedGradients,
  type EstimatorUnderTest,
  estimatedGradients,
  type Incompatible,
} from "./estimators-under-test.ts";
import { finiteDifferences, type ProjectionDifferences } from "./finite-differences.ts";
import { drawParameters, type GradientProblem, type Part, partsOf } from "./gradient-problem.ts";
import {
  type Evidence,
  type FloorEffect,
  type GridError,
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

// The order of an estimator on a grid -----------------------------------------------------------------------

// The order of an estimator on a grid: its error against the exact gradient as the grid gets finer.

/** Coarse grids hold several spikes in one step: they are shown, but the slope is that of the finest ones. */
const SLOPE_FROM_LAST = 4;

/** Norm and bias are those of gradients summed over samples; medians are over all weights of all samples. */
async function orderOfConvergence(
  problem: GradientProblem,
  refined: EstimatorUnderTest["refined"],
  exact: EstimatedGradients,
): Promise<OrderOfConvergence | undefined> {
  if (refined.length === 0) return undefined;
  const reference = sumOverSamples(exact, problem.network.parameters);
  const grids: GridError[] = [];
  for (const { dt, estimator } of refined) {
    const estimated = await estimatedGradients(problem, estimator);
    const { relativeError, bias } = agreement(
      sumOverSamples(estimated, problem.network.parameters),
      reference,
    );
    const median = medianEntryError(estimated.perSample, exact.perSample);
    grids.push({ dt, relativeError, bias, median });
  }
  const finest = grids.slice(-SLOPE_FROM_LAST);
  const errors = finest
    .map(({ median }) => median)
    .filter((error) => error !== null && error > 0) as number[];
  return {
    grids,
    slope:
      errors.length === finest.length
        ? logarithmicSlope(
            finest.map(({ dt }) => dt),
            errors,
          )
        : null,
  };
}

function sumOverSamples({ perSample, outside }: EstimatedGradients, weights: number): Float64Array {
  const sum = new Float64Array(weights);
  for (let sample = 0; sample < outside.length; sample++) {
    for (let weight = 0; weight < weights; weight++) {
      sum[weight] = sum[weight]! + perSample[sample * weights + weight]!;
    }
  }
  return sum;
}
