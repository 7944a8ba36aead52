/**
 * Gradients of the same samples and weights from repeated runs on a chip: how much they scatter, and how they
 * point relative to the exact gradient in software with nominal constants and unrounded weights. As in training, they
 * are taken at the weights that the chip has: rounded, and clipped to what its synapses hold.
 */

import type { Calibration } from "../../calibration/types.ts";
import type { Report } from "../../core/progress.ts";
import { noCost, substrateOf } from "../../engine/executor.ts";
import { recordingRequests } from "../../engine/run-config.ts";
import type { Experiment } from "../../experiment/schema.ts";
import { createEstimator, type EstimatorConfig } from "../../gradient/index.ts";
import type { GradientCounts } from "../../gradient/types.ts";
import { emptyCotangent, emptyLossValue } from "../../loss/types.ts";
import type { RecordingRequest } from "../../network/observation.ts";
import { agreement } from "./agreement.ts";
import type { GradientProblem } from "./gradient-problem.ts";

export interface ChipRequest {
  readonly experiment: Experiment;
  readonly problem: GradientProblem;
  readonly estimators: readonly EstimatorConfig[];
  /** Exact gradient in software, mean over samples. */
  readonly software: Float64Array;
  /** Of each population. */
  readonly calibrations: ReadonlyMap<string, Calibration>;
  readonly runs: number;
  readonly report: Report;
}

export interface ChipGradients {
  readonly runs: number;
  /** Weights of the network, and how many of them are beyond the words of their rows: the chip clips them. */
  readonly weights: number;
  readonly saturated: number;
  /** Spikes per sample, mean over runs. */
  readonly spikesPerSample: number;
  /** Bytes per sample that left the chip. */
  readonly bytesObserved: number;
  readonly rows: readonly ChipRow[];
}

/** One estimator on one projection. */
export interface ChipRow {
  readonly estimator: string;
  readonly projection: string;
  /** Root mean square distance of a run's gradient from the mean over runs, relative to the length of the mean. */
  readonly spread: number | null;
  /** Cosine of a run's gradient with the software gradient: mean and standard deviation over runs. */
  readonly cosine: number | null;
  readonly cosineDeviation: number | null;
  /** Cosine and bias of the mean over runs with the software gradient. */
  readonly cosineOfMean: number | null;
  readonly biasOfMean: number | null;
  /** Capped jumps per run. */
  readonly cappedJumps: number;
}

export async function chipGradients(request: ChipRequest): Promise<ChipGradients> {
  const { experiment, problem, estimators: configs, calibrations, runs, report } = request;
  const { loss, inputs, labels, weights } = problem;
  const substrate = substrateOf(experiment, problem.network, calibrations);
  const { network } = substrate;
  const estimators = configs.map((config) => createEstimator(network, config));
  const requests = estimators.map((estimator) => recordingRequests(network, loss, estimator));
  const executor = await substrate.open(
    network.populations.map(
      (_, p) => requests.map((request) => request[p] as RecordingRequest).find(isRecorded) ?? NOTHING,
    ),
  );
  const cotangent = emptyCotangent();
  const value = emptyLossValue();
  const cost = noCost();
  const counts = estimators.map((): GradientCounts => ({ cappedJumps: 0, spikes: 0 }));
  const gradients = estimators.map(() =>
    Array.from({ length: runs }, () => new Float64Array(network.parameters)),
  );
  let spikes = 0;
  report({ kind: "phase", name: "chip", detail: `${runs} runs of ${inputs.samples} samples` });
  try {
    const { saturated, effective } = await executor.load(weights);
    for (let run = 0; run < runs; run++) {
      await executor.observe(
        inputs,
        run,
        (sample, observation) => {
          loss.evaluate(observation, labels[sample]!, cotangent, value);
          spikes += observation.spikes.count;
          estimators.forEach((estimator, e) => {
            const gradient = gradients[e]?.[run] as Float64Array;
            estimator.accumulate(observation, effective, cotangent, gradient, counts[e] as GradientCounts);
          });
        },
        cost,
      );
      report({ kind: "step", unit: "run", done: run + 1, total: runs });
    }
    const rows = configs.flatMap(({ kind }, e) =>
      network.projections.map(({ name, offset, sources, targets }): ChipRow => {
        const cut = (whole: Float64Array): Float64Array => whole.subarray(offset, offset + sources * targets);
        const own = (gradients[e] as Float64Array[]).map((sum) =>
          cut(sum).map((entry) => entry / inputs.samples),
        );
        const cappedJumps = (counts[e] as GradientCounts).cappedJumps / runs;
        return { estimator: kind, projection: name, ...scatter(own, cut(request.software)), cappedJumps };
      }),
    );
    const observed = runs * inputs.samples;
    return {
      runs,
      weights: network.weights,
      saturated,
      spikesPerSample: spikes / observed,
      bytesObserved: cost.bytes / observed,
      rows,
    };
  } finally {
    await executor.close();
  }
}

const NOTHING = { kind: "none" } as const;

function isRecorded(request: RecordingRequest): boolean {
  return request.kind !== "none";
}

function scatter(
  runs: readonly Float64Array[],
  software: Float64Array,
): Omit<ChipRow, "estimator" | "projection" | "cappedJumps"> {
  const mean = new Float64Array(software.length);
  for (const run of runs) {
    for (let w = 0; w < mean.length; w++) mean[w] = mean[w]! + run[w]! / runs.length;
  }
  const distances = runs.map((run) => agreement(run, mean).relativeError);
  const cosines = runs.map((run) => agreement(run, software).cosine).filter((cosine) => cosine !== null);
  const average = (values: readonly number[]): number =>
    values.reduce((sum, one) => sum + one, 0) / values.length;
  const cosine = cosines.length === 0 ? null : average(cosines);
  const ofMean = agreement(mean, software);
  return {
    spread: distances.some((distance) => distance === null)
      ? null
      : Math.sqrt(average(distances.map((distance) => (distance ?? 0) ** 2))),
    cosine,
    cosineDeviation: cosine === null ? null : Math.sqrt(average(cosines.map((one) => (one - cosine) ** 2))),
    cosineOfMean: ofMean.cosine,
    biasOfMean: ofMean.bias,
  };
}
