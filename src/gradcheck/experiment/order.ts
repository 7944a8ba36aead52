/** The order of an estimator on a grid: its error against the exact gradient as the grid gets finer. */

import { logarithmicSlope } from "../../statistics/spread.ts";
import { agreement, medianEntryError } from "./agreement.ts";
import { type EstimatedGradients, estimatedGradients } from "./estimated-gradients.ts";
import type { EstimatorUnderTest } from "./estimators-under-test.ts";
import type { GradientProblem } from "./gradient-problem.ts";
import type { GridError, OrderOfConvergence } from "./verdict.ts";

/** Coarse grids hold several spikes in one step: they are shown, but the slope is that of the finest ones. */
const SLOPE_FROM_LAST = 4;

/** Norm and bias are those of gradients summed over samples; medians are over all weights of all samples. */
export async function orderOfConvergence(
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

export function sumOverSamples({ perSample, outside }: EstimatedGradients, weights: number): Float64Array {
  const sum = new Float64Array(weights);
  for (let sample = 0; sample < outside.length; sample++) {
    for (let weight = 0; weight < weights; weight++) {
      sum[weight] = sum[weight]! + perSample[sample * weights + weight]!;
    }
  }
  return sum;
}
