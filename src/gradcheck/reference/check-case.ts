/**
 * One reference case against this program: simulated exactly, judged, differentiated, and compared.
 *
 * The reference has more digits than a double, so what is left is the rounding of double precision along the path from
 * input spikes to gradient: 1e-12 of the duration for spike times, 1e-11 of the largest entry for the gradient. Rounding
 * is magnified without bound where a membrane grazes its threshold, and decides which of two events comes first that
 * share a double. So a case that misses is run again with the thresholds, and then the input times, one unit in the last
 * place higher and lower. What is expected may then lie anywhere between the smallest and the largest result.
 */

import { createEstimator, defaultEstimator } from "../../gradient/index.ts";
import type { GradientCounts } from "../../gradient/types.ts";
import { createLoss } from "../../loss/index.ts";
import { emptyCotangent, emptyLossValue, voltagesOf } from "../../loss/types.ts";
import { withConstants } from "../../network/network.ts";
import { createObservation, createSimulator } from "../../network/simulate.ts";
import type { GradientCase } from "./case-file.ts";
import { type CaseNetwork, caseNetwork, type Layout, type StatedGradient } from "./case-network.ts";

export interface CaseResult {
  readonly name: string;
  readonly passed: boolean;
  readonly spikes: number;
  /** Largest distance of a spike time, µs; null when there is a neuron with another number of spikes. */
  readonly timeError: number | null;
  /** Distance of the loss, relative to the larger of 1 and its expected size. */
  readonly lossError: number;
  /** Largest distance of a stated gradient, relative to the largest of them; as it is when all are 0. */
  readonly gradientError: number;
  /** Whether one unit in the last place decides, so that the errors are distances from a range of results. */
  readonly illConditioned: boolean;
  /** Stated gradients. */
  readonly entries: number;
  readonly tolerance: { readonly time: number; readonly loss: number; readonly gradient: number };
  /** What is wrong, in words; empty when the case passed. */
  readonly complaints: readonly string[];
}

/** Of the duration; of the loss, or of 1; of the largest stated gradient. */
const TOLERANCE = { time: 1e-12, loss: 1e-11, gradient: 1e-11 };

/**
 * @param ulps units in the last place by which thresholds and input times are moved at most where the case misses: 1 for
 *   a reference with more digits than a double
 */
export function checkCase(one: GradientCase, layout: Layout = "apart", ulps = 1): CaseResult {
  const prepared = caseNetwork(one, layout);
  const { stated } = prepared;
  const run = runCase(one, prepared);
  const miscounted = one.expected.spikeTimes.flatMap((expected, neuron) =>
    run.times[neuron]?.length === expected.length
      ? []
      : [`neuron ${neuron} spikes ${run.times[neuron]?.length} times, ${expected.length} expected`],
  );
  const expected: CaseRun = {
    spikes: run.spikes,
    times: one.expected.spikeTimes,
    loss: one.expected.loss,
    gradient: stated.map(({ value }) => value),
  };
  const scale = Math.max(0, ...expected.gradient.map(Math.abs)) || 1;
  const sides = sidesOf(one, prepared, run);
  const tolerance = { ...TOLERANCE, time: TOLERANCE.time * one.duration };
  const misses = ({ time, loss, gradient }: Distance): boolean =>
    time > tolerance.time || !(loss <= tolerance.loss) || !(gradient <= tolerance.gradient);
  let found = distance([run], sides, expected, scale);
  const illConditioned = miscounted.length === 0 && misses(found);
  if (illConditioned) {
    const nudged = nudgesUpTo(ulps).map((nudge) => runCase(one, prepared, nudge));
    found = distance([run, ...nudged], sides, expected, scale);
  }
  const worst = stated[found.worstEntry];
  const complaints = [
    ...miscounted,
    ...(stated.length === 0 ? ["the case states no gradient: nothing was checked"] : []),
    ...exceeds("a spike time", miscounted.length > 0 ? 0 : found.time, tolerance.time, " us"),
    ...exceeds("the loss", found.loss, tolerance.loss, ""),
    ...exceeds(
      `the gradient of source ${worst?.source} to neuron ${worst?.neuron}`,
      found.gradient,
      tolerance.gradient,
      expected.gradient.some((entry) => entry !== 0) ? " of the largest entry" : ", all are 0",
    ),
  ];
  return {
    name: one.name,
    passed: complaints.length === 0,
    spikes: run.spikes,
    timeError: miscounted.length > 0 ? null : found.time,
    lossError: found.loss,
    gradientError: found.gradient,
    illConditioned,
    entries: stated.length,
    tolerance,
    complaints,
  };
}

/** The same case with what this program gives in one layout as what is expected. */
export function solvedCase(one: GradientCase, layout: Layout): GradientCase {
  const prepared = caseNetwork(one, layout);
  const { times, loss, gradient } = runCase(one, prepared);
  const expected = one.expected.gradient.map((row) => [...row]);
  prepared.stated.forEach(({ source, neuron }, i) => {
    expected[source]![neuron] = gradient[i]!;
  });
  return { ...one, expected: { spikeTimes: times, loss, gradient: expected } };
}

/** What a case gives, or what is expected of it. */
interface CaseRun {
  readonly spikes: number;
  /** [neuron of the case][spike] */
  readonly times: readonly (readonly number[])[];
  readonly loss: number;
  /** One for each stated gradient. */
  readonly gradient: readonly number[];
}

const NOTHING = { kind: "none" } as const;

/** A change of a case, all zero by default. */
interface Nudge {
  /** Units in the last place by which all thresholds, or all input times, are higher. */
  readonly threshold?: number;
  readonly inputs?: number;
  /** Added to one weight of the network. */
  readonly weight?: { readonly index: number; readonly by: number };
}

/** Thresholds and input times to both sides, by 1, 4, 16, ... units in the last place. */
function nudgesUpTo(largest: number): Nudge[] {
  const nudges: Nudge[] = [];
  for (let ulps = 1; ulps <= largest; ulps *= 4)
    nudges.push({ threshold: ulps }, { threshold: -ulps }, { inputs: ulps }, { inputs: -ulps });
  return nudges;
}

function runCase(one: GradientCase, prepared: CaseNetwork, nudge: Nudge = {}): CaseRun {
  const { loss: config, label, caseNeuron, stated } = prepared;
  const { constants } = prepared.network;
  const raised = (values: Float64Array, ulps: number): Float64Array =>
    values.map((value) => value * (1 + ulps * Number.EPSILON));
  const network = withConstants(prepared.network, {
    ...constants,
    threshold: raised(constants.threshold, nudge.threshold ?? 0),
  });
  const inputs = { ...prepared.inputs, time: raised(prepared.inputs.time, nudge.inputs ?? 0) };
  const weights = Float64Array.from(prepared.weights);
  if (nudge.weight !== undefined) weights[nudge.weight.index]! += nudge.weight.by;
  const loss = createLoss(network, config);
  // Slopes are not raised: a reference knows no floor.
  const estimator = createEstimator(network, defaultEstimator("eventprop", { slopeFloor: 0 }));
  const observation = createObservation(network);
  const record = network.populations.map(({ name }) => voltagesOf(loss, name) ?? NOTHING);
  createSimulator(network).run(weights, inputs, record, observation);
  const cotangent = emptyCotangent();
  const value = emptyLossValue();
  loss.evaluate(observation, label, cotangent, value);
  const gradient = new Float64Array(network.weights);
  const counts: GradientCounts = { cappedJumps: 0, spikes: 0 };
  estimator.accumulate(observation, weights, cotangent, gradient, counts);
  const times: number[][] = one.neurons.map(() => []);
  for (let k = 0; k < observation.spikes.count; k++) {
    times[caseNeuron[observation.spikes.index[k]!]!]?.push(observation.spikes.time[k]!);
  }
  return {
    spikes: observation.spikes.count,
    times,
    loss: value.total,
    gradient: stated.map(({ weight }) => gradient[weight]!),
  };
}

/** A step of a weight to one side of a tie, relative to the largest weight. */
const SIDE_STEP = 1e-7;

/**
 * For entries whose derivatives differ on both sides: the derivative at the weight itself, and the limits from below
 * and from above, each from two points on a straight line. Undefined for the other entries.
 */
function sidesOf(
  one: GradientCase,
  prepared: CaseNetwork,
  run: CaseRun,
): readonly (readonly number[] | undefined)[] {
  const largest = prepared.weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  const step = SIDE_STEP * (largest || 1);
  const twoSided = ({ source, neuron }: StatedGradient): boolean =>
    one.twoSided.some(([from, to]) => from === source && to === neuron);
  return prepared.stated.map((entry, i) => {
    if (!twoSided(entry)) return undefined;
    const moved = (by: number): number =>
      runCase(one, prepared, { weight: { index: entry.weight, by } }).gradient[i]!;
    const limit = (by: number): number => 2 * moved(by) - moved(2 * by);
    return [run.gradient[i]!, limit(-step), limit(step)];
  });
}

interface Distance {
  readonly time: number;
  readonly loss: number;
  readonly gradient: number;
  /** Index of the gradient that is furthest off. */
  readonly worstEntry: number;
}

/**
 * How far what is expected lies outside of what the runs gave.
 *
 * @param sides values of entries that may have any one of several
 */
function distance(
  runs: readonly CaseRun[],
  sides: readonly (readonly number[] | undefined)[],
  expected: CaseRun,
  scale: number,
): Distance {
  let time = 0;
  expected.times.forEach((times, neuron) => {
    times.forEach((one, k) => {
      const values = runs.map((run) => run.times[neuron]?.[k] ?? Number.POSITIVE_INFINITY);
      time = Math.max(time, outside(values, one));
    });
  });
  let gradient = 0;
  let worstEntry = 0;
  expected.gradient.forEach((one, i) => {
    const side = sides[i];
    const off =
      side === undefined
        ? outside(
            runs.map((run) => run.gradient[i]!),
            one,
          )
        : Math.min(...side.map((value) => Math.abs(value - one)));
    // A gradient that is not a number is the worst there is.
    if (off <= gradient || Number.isNaN(gradient)) return;
    gradient = off;
    worstEntry = i;
  });
  const losses = runs.map(({ loss }) => loss);
  return {
    time,
    loss: outside(losses, expected.loss) / Math.max(1, Math.abs(expected.loss)),
    gradient: gradient / scale,
    worstEntry,
  };
}

/** Distance of a number from the range of some values; 0 inside; NaN when a value is not a number. */
function outside(values: readonly number[], one: number): number {
  return Math.max(0, Math.min(...values) - one, one - Math.max(...values));
}

/** Also for errors that are not numbers. */
function exceeds(what: string, error: number, tolerance: number, unit: string): string[] {
  return error <= tolerance ? [] : [`${what} is off by ${error.toExponential(2)}${unit}`];
}
