/**
 * One neuron of any model, one input spike of weight w at t = 0: the time T of its first spike and dT/dw of the simulator
 * and the exact adjoint, against a solution that shares nothing with them but F(V) of the model. With y = (V, w, E) and
 * its derivative by the weight, y_w,
 *
 *     ẏ = f(y)        ẏ_w = f_y y_w        dT/dw = −V_w/V̇ at V = ϑ
 *
 * by the classical method of Runge and Kutta in equal steps, twice with half the step the second time, from which the
 * error of order 4 is taken off. The threshold of adaptive LIF is at rest until the first spike.
 */

import { createEstimator } from "../../gradient/index.ts";
import { emptyCotangent } from "../../loss/types.ts";
import { createAdaptiveNeurons } from "../../network/adaptive-neurons.ts";
import { buildNetwork, INPUT, type Network } from "../../network/network.ts";
import { createObservation, createSimulator } from "../../network/simulate.ts";
import type { AdaptiveNeuron } from "../../neuron/adaptive.ts";
import { modelOf } from "../../neuron/models/index.ts";

/** What is checked of each model: its constants, and weights of which at least the larger ones make it spike. */
const CASES = {
  alif: { threshold: 1, extra: { adaptation: 0.5, adaptationJump: 0.3, tauAdaptation: 20 } },
  adex: {
    threshold: 1,
    extra: {
      adaptation: 0.5,
      adaptationJump: 0.3,
      tauAdaptation: 20,
      exponentialThreshold: 0.7,
      slopeFactor: 0.1,
    },
  },
  qif: { threshold: 10, extra: { curvature: 1 } },
} as const;

export type CheckedModel = keyof typeof CASES;
export const CHECKED_MODELS = Object.keys(CASES) as readonly CheckedModel[];

const WEIGHTS = [2.5, 3, 3.5, 4, 5, 6, 8, 12] as const;
const DURATION = 60;
/** Largest step of the comparison, µs. */
const STEP = 1e-3;
/** Of the numerical solution of models without closed form. */
const TOLERANCE = 1e-13;
/** Largest relative errors of T and dT/dw: linear models, others. */
const ALLOWED = { linear: [1e-10, 1e-8], solved: [1e-9, 1e-6] } as const;

export interface ModelRow {
  readonly weight: number;
  /** µs, and µs per model unit; null without a spike. */
  readonly time: number | null;
  readonly slope: number | null;
  readonly reference: { readonly time: number; readonly slope: number } | null;
}

export interface ModelCheck {
  readonly model: CheckedModel;
  readonly rows: readonly ModelRow[];
  /** Largest relative errors. */
  readonly timeError: number;
  readonly slopeError: number;
  readonly allowed: readonly [time: number, slope: number];
  readonly passed: boolean;
}

export function checkModel(model: CheckedModel): ModelCheck {
  const network = networkOf(model);
  const { neuron } = createAdaptiveNeurons(network, network.populations[0]!).neurons[0]!;
  const rows = WEIGHTS.map((weight): ModelRow => {
    const found = simulated(network, weight);
    return {
      weight,
      time: found?.time ?? null,
      slope: found?.slope ?? null,
      reference: preciseSpike(neuron, weight),
    };
  });
  const errors = rows.map(({ time, slope, reference }) => {
    if (time === null || slope === null || reference === null)
      return (time === null) === (reference === null) ? [0, 0] : [Infinity, Infinity];
    return [Math.abs(time / reference.time - 1), Math.abs(slope / reference.slope - 1)];
  });
  const timeError = Math.max(...errors.map(([ofTime]) => ofTime!));
  const slopeError = Math.max(...errors.map(([, ofSlope]) => ofSlope!));
  const allowed = modelOf(model).intrinsic === undefined ? ALLOWED.linear : ALLOWED.solved;
  const spiked = rows.some(({ time }) => time !== null);
  const passed = spiked && timeError <= allowed[0] && slopeError <= allowed[1];
  return { model, rows, timeError, slopeError, allowed, passed };
}

function networkOf(model: CheckedModel): Network {
  const { threshold, extra } = CASES[model];
  const constants = { tauMem: 6, tauSynExc: 5, tauSynInh: 5, threshold, reset: 0, refractory: DURATION };
  return buildNetwork(
    1,
    [{ name: "neuron", model, size: 1, ...constants, extra: { ...extra, tolerance: TOLERANCE } }],
    [{ from: INPUT, to: "neuron", rows: 1 }],
    DURATION,
  );
}

/** The simulator's spike, and the adjoint's derivative of its time. */
function simulated(network: Network, weight: number): { time: number; slope: number } | undefined {
  const parameters = Float64Array.of(weight);
  const observation = createObservation(network);
  const inputs = { time: Float64Array.of(0), source: Int32Array.of(0), from: 0, to: 1 };
  createSimulator(network).run(parameters, inputs, [{ kind: "none" }], observation);
  if (observation.spikes.count === 0) return undefined;
  const cotangent = emptyCotangent(1);
  cotangent.spike[0] = 1;
  const gradient = new Float64Array(network.parameters);
  createEstimator(network, { kind: "eventprop", slopeFloor: 0 }).accumulate(
    observation,
    parameters,
    cotangent,
    gradient,
    { cappedJumps: 0, spikes: 0 },
  );
  return { time: observation.spikes.time[0]!, slope: gradient[0]! };
}

/** T and dT/dw by two solutions whose steps differ by a factor of 2. */
export function preciseSpike(neuron: AdaptiveNeuron, weight: number): ModelRow["reference"] {
  const [wide, narrow] = [STEP, STEP / 2].map((step) => solved(neuron, weight, step));
  if (wide == null || narrow == null) return null;
  const improved = (a: number, b: number): number => b + (b - a) / 15;
  return { time: improved(wide.time, narrow.time), slope: improved(wide.slope, narrow.slope) };
}

/** Places in the state. */
const V = 0;
const W = 1;
const E = 2;
const SIZE = 6;

function motion(neuron: AdaptiveNeuron, y: Float64Array, out: Float64Array): void {
  const { leakRate, adaptRate, excRate, adaptation, intrinsic } = neuron;
  const v = y[V]!;
  const own = intrinsic === undefined ? -v : intrinsic.current(v, neuron);
  const bend = intrinsic === undefined ? -1 : intrinsic.slope(v, neuron);
  out[V] = leakRate * (own + y[E]! - y[W]!);
  out[W] = adaptRate * (adaptation * v - y[W]!);
  out[E] = -excRate * y[E]!;
  out[V + 3] = leakRate * (bend * y[V + 3]! + y[E + 3]! - y[W + 3]!);
  out[W + 3] = adaptRate * (adaptation * y[V + 3]! - y[W + 3]!);
  out[E + 3] = -excRate * y[E + 3]!;
}

const stages = Array.from({ length: 4 }, () => new Float64Array(SIZE));
const between = new Float64Array(SIZE);

function step(neuron: AdaptiveNeuron, y: Float64Array, h: number, out: Float64Array): void {
  const [k1, k2, k3, k4] = stages as [Float64Array, Float64Array, Float64Array, Float64Array];
  motion(neuron, y, k1);
  for (const [from, share, to] of [
    [k1, 0.5, k2],
    [k2, 0.5, k3],
    [k3, 1, k4],
  ] as const) {
    for (let i = 0; i < SIZE; i++) between[i] = y[i]! + share * h * from[i]!;
    motion(neuron, between, to);
  }
  for (let i = 0; i < SIZE; i++) out[i] = y[i]! + (h / 6) * (k1[i]! + 2 * k2[i]! + 2 * k3[i]! + k4[i]!);
}

function solved(
  neuron: AdaptiveNeuron,
  weight: number,
  h: number,
): { readonly time: number; readonly slope: number } | null {
  const y = new Float64Array(SIZE);
  const ahead = new Float64Array(SIZE);
  const rate = new Float64Array(SIZE);
  y[E] = weight;
  y[E + 3] = 1;
  const steps = Math.round(DURATION / h);
  for (let n = 0; n < steps; n++) {
    step(neuron, y, h, ahead);
    if (ahead[V]! < neuron.threshold) {
      y.set(ahead);
      continue;
    }
    // Newton on the length of the step that ends at the threshold.
    let part = h;
    for (let iteration = 0; iteration < 50; iteration++) {
      step(neuron, y, part, ahead);
      motion(neuron, ahead, rate);
      const change = (ahead[V]! - neuron.threshold) / rate[V]!;
      part -= change;
      if (Math.abs(change) < 1e-16) break;
    }
    step(neuron, y, part, ahead);
    motion(neuron, ahead, rate);
    return { time: n * h + part, slope: -ahead[V + 3]! / rate[V]! };
  }
  return null;
}
