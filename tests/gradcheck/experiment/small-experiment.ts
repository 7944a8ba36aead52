/** Small experiments whose check takes a fraction of a second. */

import { silent } from "../../../src/core/progress.ts";
import { type LoadedExperiment, loadExperiment } from "../../../src/experiment/load.ts";
import { initialWeights } from "../../../src/experiment/weights.ts";
import { checkExperiment, type ExperimentCheck } from "../../../src/gradcheck/experiment/check-experiment.ts";
import {
  chooseEstimators,
  type EstimatorUnderTest,
} from "../../../src/gradcheck/experiment/estimators-under-test.ts";
import { drawSamples, type GradientProblem } from "../../../src/gradcheck/experiment/gradient-problem.ts";
import type { EstimatorKind } from "../../../src/gradient/index.ts";
import type { Estimator } from "../../../src/gradient/types.ts";
import { type ExperimentFiles, SMALL } from "../../experiment/experiment-files.ts";

/** Two layers of spiking neurons, judged by target times; τ_m = 2 τ_s. */
export const SPIKING = `name: spiking
data: { kind: yin-yang, trainSize: 20, validationSize: 5, testSize: 20 }
encoding: { kind: latency, bias: 2 us }
network:
  duration: 38 us
  populations:
    hidden: { model: lif, size: 8, tauMem: 12 us, tauSyn: 6 us, refractory: 37 us }
    output: { model: lif, size: 3, tauMem: 12 us, tauSyn: 6 us, refractory: 37 us }
  projections:
    input>hidden: { init: { mean: 2.5, std: 0.8 } }
    hidden>output: { init: { mean: 1.2, std: 0.4 } }
chip: { kind: software }
loss: { kind: target-times, correct: 10 us, wrong: 20 us }
`;

export function load(files: ExperimentFiles, text = SMALL, set: readonly string[] = []): LoadedExperiment {
  return loadExperiment(files.write("experiment.yaml", text), { set });
}

export function problemOf(loaded: LoadedExperiment, samples = 5): GradientProblem {
  const { network, loss, data, encoder } = loaded.components;
  const weights = initialWeights(loaded.experiment, network);
  return { network, loss, weights, ...drawSamples(encoder.encode(data.test), data.test.labels, samples, 1) };
}

export function estimatorsOf(
  loaded: LoadedExperiment,
  names?: readonly EstimatorKind[],
): readonly EstimatorUnderTest[] {
  return chooseEstimators(loaded, loaded.components, names).underTest;
}

export function check(
  problem: GradientProblem,
  underTest: readonly EstimatorUnderTest[],
): Promise<ExperimentCheck> {
  return checkExperiment({ problem, underTest, weights: 12, seed: 1, report: silent });
}

/** The same estimator with its gradients multiplied: −1 is the negative control of every claim. */
export function scaled(estimator: Estimator, factor: number): Estimator {
  return {
    ...estimator,
    accumulate(observation, weights, cotangent, gradient, counts) {
      const own = new Float64Array(gradient.length);
      estimator.accumulate(observation, weights, cotangent, own, counts);
      own.forEach((entry, i) => {
        gradient[i] = gradient[i]! + factor * entry;
      });
    },
  };
}
