/** A loss's gradient by an estimator, and by differences of the exact forward simulation: what is compared. */

import type { Estimator, GradientCounts } from "../../src/gradient/types.ts";
import { createLoss, type LossConfig } from "../../src/loss/index.ts";
import { emptyCotangent, emptyLossValue, type Loss } from "../../src/loss/types.ts";
import type { Network } from "../../src/network/network.ts";
import type { Observation, RecordingRequest } from "../../src/network/observation.ts";
import { createObservation, createSimulator, type InputSlice } from "../../src/network/simulate.ts";

/** A network with weights, inputs and a loss. */
export interface Problem {
  readonly network: Network;
  readonly weights: Float64Array;
  readonly inputs: InputSlice;
  readonly loss: LossConfig;
  readonly label: number;
}

export const newCounts = (): GradientCounts => ({ cappedJumps: 0, spikes: 0 });

export function inputSlice(time: readonly number[], source: readonly number[]): InputSlice {
  return { time: Float64Array.from(time), source: Int32Array.from(source), from: 0, to: time.length };
}

function requests(network: Network, loss: Loss, hidden: RecordingRequest): RecordingRequest[] {
  return network.populations.map(({ name }) => (name === loss.output ? loss.voltages : hidden));
}

/** Observation, value and cotangent of a problem. */
export function observe(problem: Problem, hidden: RecordingRequest = { kind: "none" }) {
  const { network, weights, inputs, label } = problem;
  const loss = createLoss(network, problem.loss);
  const observation = createObservation(network);
  createSimulator(network).run(weights, inputs, requests(network, loss, hidden), observation);
  const cotangent = emptyCotangent(0);
  const value = emptyLossValue();
  loss.evaluate(observation, label, cotangent, value);
  return { observation, cotangent, value };
}

/** ∂L/∂w of one sample. */
export function gradientOf(problem: Problem, estimator: Estimator, counts = newCounts()): Float64Array {
  const { observation, cotangent } = observe(problem, estimator.hiddenVoltages);
  const gradient = new Float64Array(problem.network.weights);
  estimator.accumulate(observation, problem.weights, cotangent, gradient, counts);
  return gradient;
}

export interface Differences {
  /** NaN where the order of events changes within the steps: there the loss has a kink or a jump. */
  readonly gradient: Float64Array;
  readonly skipped: number;
}

/**
 * ∂L/∂w by central differences of fourth order: (8 (L₊₁ − L₋₁) − (L₊₂ − L₋₂)) / 12 h. Truncation is h⁴ L⁽⁵⁾/30;
 * spike times are good to some 1e-13 µs, so rounding is some 1e-13/h.
 */
export function differences(problem: Problem, step: number): Differences {
  const { network, inputs, label } = problem;
  const loss = createLoss(network, problem.loss);
  const simulator = createSimulator(network);
  const record = requests(network, loss, { kind: "none" });
  const observation = createObservation(network);
  const cotangent = emptyCotangent(0);
  const value = emptyLossValue();
  const weights = Float64Array.from(problem.weights);
  const gradient = new Float64Array(network.weights);
  simulator.run(weights, inputs, record, observation);
  const order = eventOrder(network, observation);
  let skipped = 0;
  for (let i = 0; i < weights.length; i++) {
    let sum = 0;
    for (const [factor, offset] of [
      [8, 1],
      [-8, -1],
      [-1, 2],
      [1, -2],
    ] as const) {
      weights[i] = problem.weights[i]! + offset * step;
      simulator.run(weights, inputs, record, observation);
      loss.evaluate(observation, label, cotangent, value);
      sum += eventOrder(network, observation) === order ? factor * value.total : Number.NaN;
    }
    weights[i] = problem.weights[i]!;
    gradient[i] = sum / (12 * step);
    if (Number.isNaN(sum)) skipped++;
  }
  return { gradient, skipped };
}

/** Inputs, spikes, releases and samples in their order in time. */
function eventOrder({ constants }: Network, { inputs, spikes, voltages }: Observation): string {
  const events: { readonly time: number; readonly name: string }[] = [];
  for (let i = 0; i < spikes.count; i++) {
    const neuron = spikes.index[i]!;
    events.push({ time: spikes.time[i]!, name: `s${neuron}` });
    events.push({ time: spikes.time[i]! + constants.refractory[neuron]!, name: `r${neuron}` });
  }
  for (let i = 0; i < inputs.count; i++) events.push({ time: inputs.time[i]!, name: `i${inputs.index[i]}` });
  for (let i = 0; i < voltages.count; i++) {
    events.push({ time: voltages.time[i]!, name: `v${voltages.neuron[i]}` });
  }
  return events
    .sort((a, b) => a.time - b.time)
    .map(({ name }) => name)
    .join();
}

export function largest(values: Float64Array): number {
  return values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
}

/** Largest deviation of two gradients, relative to the largest entry of `expected`; entries that are NaN do not count. */
export function deviation(expected: Float64Array, actual: Float64Array): number {
  let top = 0;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    if (Number.isNaN(expected[i]!)) continue;
    top = Math.max(top, Math.abs(expected[i]!));
    const off = Math.abs(expected[i]! - actual[i]!);
    worst = Number.isNaN(off) ? Number.POSITIVE_INFINITY : Math.max(worst, off);
  }
  return top === 0 ? worst : worst / top;
}

export function cosine(a: Float64Array, b: Float64Array): number {
  let product = 0;
  let squareA = 0;
  let squareB = 0;
  for (let i = 0; i < a.length; i++) {
    product += a[i]! * b[i]!;
    squareA += a[i]! ** 2;
    squareB += b[i]! ** 2;
  }
  return squareA === 0 || squareB === 0 ? 0 : product / Math.sqrt(squareA * squareB);
}

/** The same estimator with a wrong sign: of everything, or only of what reaches the first projection. */
export function flipped(estimator: Estimator, network: Network, what: "all" | "first projection"): Estimator {
  const { offset, sources, targets } = network.projections[0]!;
  const end = what === "all" ? network.weights : offset + sources * targets;
  return {
    ...estimator,
    accumulate(observation, weights, cotangent, gradient, counts) {
      const own = new Float64Array(gradient.length);
      estimator.accumulate(observation, weights, cotangent, own, counts);
      for (let i = 0; i < own.length; i++) gradient[i]! += i < end ? -own[i]! : own[i]!;
    },
  };
}
