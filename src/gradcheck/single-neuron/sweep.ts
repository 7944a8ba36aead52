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

// The closed form -------------------------------------------------------------------------------------------

// One LIF neuron at rest, one input spike of weight w at t = 0: the time T of its first spike and dT/dw in closed
// form. Derived in paper.md 4.1 of the guide and in docs/method.md; 1/w times the first crossing of
//
//     V(t) = w τ_s/(τ_m − τ_s) (e^{−t/τ_m} − e^{−t/τ_s})        equal constants: w (t/τ) e^{−t/τ}
//
//     equal, τ:       T = −τ W₀(−ϑ/w)                   dT/dw = −τ x / (w (1 − x)),  x = T/τ
//     τ_m = 2 τ_s:    T = τ_m ln(2/(1 + s))             dT/dw = −2 τ_m ϑ / (w² s (1 + s)),  s = √(1 − 4ϑ/w)
//     any ratio:      T by Newton's method              dT/dw = −τ_m ϑ / (w (w e^{−T/τ_s} − ϑ))
//     spikes only if  w > w_c = ϑ (τ_m/τ_s)^{τ_m/(τ_m − τ_s)}, which is e ϑ for equal constants and 4 ϑ for 2
//
// It shares nothing with the simulator (src/neuron) or with an estimator, so it can judge both.

export interface NeuronShape {
  /** µs */
  readonly tauMem: number;
  readonly tauSyn: number;
  readonly threshold: number;
}

export interface AnalyticSpike {
  /** µs after the input. */
  readonly time: number;
  /** dT/dw, µs per model unit. */
  readonly slope: number;
}

/** The weight at which the membrane just touches the threshold. */
export function criticalWeight({ tauMem, tauSyn, threshold }: NeuronShape): number {
  if (tauMem === tauSyn) return Math.E * threshold;
  const ratio = Math.log1p((tauMem - tauSyn) / tauSyn);
  return threshold * Math.exp((ratio * tauMem) / (tauMem - tauSyn));
}

/** Undefined when the neuron does not spike. */
export function analyticSpike(neuron: NeuronShape, weight: number): AnalyticSpike | undefined {
  if (!(weight > criticalWeight(neuron))) return undefined;
  const { tauMem, tauSyn } = neuron;
  if (tauMem === tauSyn) return equalConstants(neuron, weight);
  if (tauMem === 2 * tauSyn) return doubleConstants(neuron, weight);
  return anyConstants(neuron, weight);
}

function equalConstants({ tauMem: tau, threshold }: NeuronShape, weight: number): AnalyticSpike {
  const x = -lambertW(-threshold / weight);
  return { time: tau * x, slope: (-tau * x) / (weight * (1 - x)) };
}

function doubleConstants({ tauMem, threshold }: NeuronShape, weight: number): AnalyticSpike {
  const root = Math.sqrt(1 - (4 * threshold) / weight);
  return {
    time: tauMem * Math.log(2 / (1 + root)),
    slope: (-2 * tauMem * threshold) / (weight * weight * root * (1 + root)),
  };
}

function anyConstants({ tauMem, tauSyn, threshold }: NeuronShape, weight: number): AnalyticSpike {
  // The difference first: it is exact where the constants nearly agree, that of the inverses may round to 0.
  const decay = (tauMem - tauSyn) / (tauMem * tauSyn);
  // V = w e^{−t/τ_m} (1 − e^{−t·decay}) / (τ_m·decay), accurate for nearly equal constants too.
  const potential = (t: number): number =>
    (weight * Math.exp(-t / tauMem) * -Math.expm1(-t * decay)) / (tauMem * decay);
  const rise = (t: number): number => (weight * Math.exp(-t / tauSyn) - potential(t)) / tauMem;
  // V rises and is concave up to its peak: Newton's method from 0 stays left of the crossing and cannot leave.
  let time = 0;
  for (let round = 0; round < 200; round++) {
    const step = (threshold - potential(time)) / rise(time);
    time += step;
    if (!(Math.abs(step) > 1e-15 * time)) break;
  }
  return {
    time,
    slope: (-tauMem * threshold) / (weight * (weight * Math.exp(-time / tauSyn) - threshold)),
  };
}

/**
 * Principal branch of Lambert's W for −1/e < z < 0: the solution of W e^W = z with W > −1. Halley's method from the
 * series at the branch point (Corless et al., "On the Lambert W function", 1996, eqs. 4.22 and 5.9).
 */
export function lambertW(z: number): number {
  const p = Math.sqrt(2 * (Math.E * z + 1));
  let w = z > -0.1 ? z * (1 - z) : -1 + p - (p * p) / 3;
  for (let round = 0; round < 50; round++) {
    const e = Math.exp(w);
    const f = w * e - z;
    const step = f / (e * (w + 1) - ((w + 2) * f) / (2 * w + 2));
    w -= step;
    if (!(Math.abs(step) > 1e-16 * Math.abs(w))) break;
  }
  return w;
}
