/**
 * One regime of time constants: every digital weight, repeated, through a forward pass; spike times and gradients
 * as means and standard deviations beside the closed form.
 */

import { WEIGHT_MAX } from "../../chip/limits.ts";
import type { Report } from "../../core/progress.ts";
import { chipCalibrations } from "../../engine/chip-calibrations.ts";
import { type Executor, noCost, substrateOf } from "../../engine/executor.ts";
import { networkOf } from "../../experiment/network.ts";
import type { ConstantsKind } from "../../mapping/constants.ts";
import { weightScale } from "../../mapping/quantize.ts";
import type { Network } from "../../network/network.ts";
import type { InputBatch, Observation } from "../../network/observation.ts";
import { type Spread, spreadOf } from "../../statistics/spread.ts";
import { analyticSpike, criticalWeight, type NeuronShape } from "./analytic.ts";
import {
  LOSS_NAMES,
  type LossName,
  type NeuronEstimates,
  neuronEstimates,
  type Variant,
} from "./estimates.ts";
import type { NeuronExperiment, TimeConstants } from "./neuron-experiment.ts";

export interface SweepRequest {
  readonly experiment: NeuronExperiment;
  readonly trials: number;
  /** Steps of estimators on a grid, µs. */
  readonly grids: readonly number[];
  /** Model weights to be visited, given words per model unit and the critical weight. */
  readonly weights: (scale: number, critical: number) => readonly number[];
  readonly report: Report;
}

export interface Sweep extends TimeConstants {
  /** Words per model unit. */
  readonly scale: number;
  /** Model units, nominal constants. */
  readonly criticalWeight: number;
  /** Target time of the loss `target`, µs after the input. */
  readonly target: number;
  readonly trials: number;
  /** Constants as calibrated of the neuron that was used; null in software. */
  readonly calibrated: NeuronShape | null;
  readonly variants: readonly Variant[];
  readonly rows: readonly SweepRow[];
}

export interface SweepRow {
  /** Digital weight, summed over rows. */
  readonly word: number;
  /** Model units. */
  readonly weight: number;
  /** Relative to the critical weight. */
  readonly ratio: number;
  /** Share of trials with a spike. */
  readonly spiked: number;
  /** First spike, µs after the input; null when no trial spiked. */
  readonly time: Spread | null;
  /** Closed form with nominal constants; null where such a neuron does not spike. */
  readonly analyticTime: number | null;
  readonly losses: Readonly<Record<LossName, LossRow>>;
}

/** Gradients in loss units per model unit of weight. */
export interface LossRow {
  readonly analytic: number | null;
  /** Closed form with the constants as calibrated. */
  readonly analyticCalibrated: number | null;
  /** In the order of `Sweep.variants`; null when no trial spiked. */
  readonly estimates: readonly (Spread | null)[];
}

/** On a chip the input comes a little after the start, as in experiments, and is subtracted. */
const CHIP_OFFSET = 2;
/** Words per model unit in software: that of the chip's published strength, (150 − 80) LSB / (τ_m · 0.163 LSB/µs). */
const SOFTWARE_SCALE_TIMES_TAU = 70 / (Math.E * 0.06);

export async function sweepWeights(request: SweepRequest): Promise<Sweep> {
  const { experiment, trials, report } = request;
  const nominal = networkOf(experiment, 1);
  const onChip = experiment.chip.kind !== "software";
  const offset = onChip ? CHIP_OFFSET : 0;
  const [tauMem, tauSyn] = [nominal.constants.tauMem[0]!, nominal.constants.tauSynExc[0]!];
  const target = tauSyn / 2;
  const calibrations = await chipCalibrations(experiment, report);
  const executor = await substrateOf(experiment, nominal, calibrations).open(
    nominal.populations.map(() => ({ kind: "none" })),
  );
  const [calibration] = calibrations.values();
  const scale = calibration === undefined ? SOFTWARE_SCALE_TIMES_TAU / tauMem : weightScale(calibration);
  const networks: Partial<Record<ConstantsKind, Network>> = { nominal };
  if (onChip) networks.calibrated = executor.network;
  const estimates = neuronEstimates(networks, request.grids, offset + target);
  const shape: NeuronShape = { tauMem, tauSyn, threshold: 1 };
  const measured = onChip ? shapeOf(executor.network) : null;
  const critical = criticalWeight(shape);
  const weights = request.weights(scale, critical);
  const rows: SweepRow[] = [];
  report({ kind: "phase", name: `tau_mem ${tauMem} us, tau_syn ${tauSyn} us` });
  try {
    for (const weight of weights) {
      const seen = await observe(executor, estimates, weight, trials, offset);
      const analytic = analyticSpike(shape, weight);
      const calibrated = measured === null ? undefined : analyticSpike(measured, weight);
      const lossRow = (loss: LossName): LossRow => ({
        analytic: analytic === undefined ? null : chain(loss, analytic.time, target) * analytic.slope,
        analyticCalibrated:
          calibrated === undefined ? null : chain(loss, calibrated.time, target) * calibrated.slope,
        estimates: seen.gradients[loss].map(spreadOf),
      });
      rows.push({
        word: Math.round(weight * scale),
        weight,
        ratio: weight / critical,
        spiked: seen.times.length / trials,
        time: spreadOf(seen.times),
        analyticTime: analytic?.time ?? null,
        losses: { time: lossRow("time"), target: lossRow("target") },
      });
      report({ kind: "step", unit: "weight", done: rows.length, total: weights.length });
    }
  } finally {
    await executor.close();
  }
  const { variants } = estimates;
  return {
    tauMem,
    tauSyn,
    scale,
    criticalWeight: critical,
    target,
    trials,
    calibrated: measured,
    variants,
    rows,
  };
}

/** The weights that whole words stand for, near these multiples of the critical weight and within reach of the rows. */
export function digitalWeights(ratios: readonly number[], rows: number): SweepRequest["weights"] {
  return (scale, critical) =>
    [...new Set(ratios.map((ratio) => Math.round(ratio * critical * scale)))]
      .filter((word) => word <= WEIGHT_MAX * rows)
      .map((word) => word / scale);
}

/** dL/dT */
function chain(loss: LossName, time: number, target: number): number {
  return loss === "time" ? 1 : 2 * (time - target);
}

function shapeOf({ constants }: Network): NeuronShape {
  return {
    tauMem: constants.tauMem[0]!,
    tauSyn: constants.tauSynExc[0]!,
    threshold: constants.threshold[0]!,
  };
}

/** One event of the only input. */
function singleInput(time: number): InputBatch {
  return {
    samples: 1,
    offset: Int32Array.of(0, 1),
    time: Float64Array.of(time),
    source: Int32Array.of(0),
    id: new Int32Array(1),
  };
}

interface Seen {
  /** First spikes of the trials that spiked, µs after the input. */
  readonly times: number[];
  /** [variant][trial that spiked] */
  readonly gradients: Readonly<Record<LossName, number[][]>>;
}

/** Every trial is a run of its own: potentials and strengths of a chip also change from run to run. */
async function observe(
  executor: Executor,
  estimates: NeuronEstimates,
  weight: number,
  trials: number,
  offset: number,
): Promise<Seen> {
  const weights = Float64Array.of(weight);
  const input = singleInput(offset);
  const empty = (): number[][] => estimates.variants.map(() => []);
  const seen: Seen = { times: [], gradients: { time: empty(), target: empty() } };
  const gradients = new Float64Array(estimates.variants.length);
  const visit = (_: number, observation: Observation): void => {
    for (const loss of LOSS_NAMES) {
      if (!estimates.gradients(observation, weights, loss, gradients)) return;
      seen.gradients[loss].forEach((list, i) => {
        list.push(gradients[i]!);
      });
    }
    seen.times.push(observation.spikes.time[0]! - offset);
  };
  await executor.load(weights);
  for (let trial = 0; trial < trials; trial++) {
    await executor.observe(input, trial, visit, noCost());
  }
  return seen;
}
