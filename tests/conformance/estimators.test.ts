/**
 * Each estimator of the table is held to its own claim, on the same problems:
 *
 *     exact       equals the gradient: 50-digit references, and differences of the exact simulation
 *     consistent  its error falls at first order in dt
 *     heuristic   points along the gradient on average
 *
 * and all of them are linear in the cotangent, additive over samples, and leave their arguments alone. Every check of
 * a claim is also made with a wrong sign, which it must not pass.
 */

import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { stream } from "../../src/core/random.ts";
import { caseNetwork } from "../../src/gradcheck/reference/case-network.ts";
import {
  createEstimator,
  ESTIMATORS,
  type EstimatorConfig,
  estimatorIncompatibility,
} from "../../src/gradient/index.ts";
import type { Claim, Estimator } from "../../src/gradient/types.ts";
import { createLoss } from "../../src/loss/index.ts";
import { type Network, withConstants } from "../../src/network/network.ts";
import type { Observation } from "../../src/network/observation.ts";
import { referenceCases } from "../reference/files.ts";
import {
  cosine,
  deviation,
  differences,
  flipped,
  gradientOf,
  largest,
  newCounts,
  observe,
  type Problem,
} from "./gradients.ts";
import { randomProblem, SHAPES, SINGLE_SPIKE_SHAPES } from "./random-problems.ts";
import { yinYangProblems } from "./yin-yang-problems.ts";

type Kind = EstimatorConfig["kind"];

/** One configuration per estimator; a new one must be added here to compile. */
const CONFIG: { readonly [K in Kind]: Extract<EstimatorConfig, { readonly kind: K }> } = {
  eventprop: { kind: "eventprop", slopeFloor: 0 },
  "eventprop-smoothed": { kind: "eventprop-smoothed", slopeFloor: 0, width: 0.05 },
  "eventprop-grid": { kind: "eventprop-grid", dt: 1, readout: "exact", slopeFloor: 0 },
  surrogate: { kind: "surrogate", dt: 1, steepness: 50, samplePeriod: 2 },
  "first-spike": { kind: "first-spike", slopeFloor: 0 },
};

/** Where a claim holds, beyond what `incompatible` can know from network and loss. */
const holdsFor: { readonly [K in Kind]?: (observation: Observation) => boolean } = {
  "first-spike": ({ spikes: { count, index } }) => new Set(index.subarray(0, count)).size === count,
};

type Make = (network: Network, config: EstimatorConfig) => Estimator;

const right: Make = createEstimator;
const wrongEverywhere: Make = (network, config) => flipped(createEstimator(network, config), network, "all");
const wrongInFirstLayer: Make = (network, config) =>
  flipped(createEstimator(network, config), network, "first projection");

const claimOf = new Map<Kind, Claim>(ESTIMATORS.map(({ kind, create }) => [kind, create.claim]));
const claiming = (claim: Claim): Kind[] =>
  ESTIMATORS.map(({ kind }) => kind).filter((kind) => claimOf.get(kind) === claim);

function serves(kind: Kind, problem: Problem): boolean {
  const { network } = problem;
  if (estimatorIncompatibility(network, createLoss(network, problem.loss), CONFIG[kind]) !== undefined)
    return false;
  return holdsFor[kind]?.(observe(problem).observation) ?? true;
}

/** Whether a spike of the problem barely crosses its threshold, so that differences are of no use. */
function grazes(problem: Problem): boolean {
  const counts = newCounts();
  gradientOf(problem, createEstimator(problem.network, { kind: "eventprop", slopeFloor: 0.1 }), counts);
  return counts.cappedJumps > 0;
}

/**
 * Rounding of the differences is some 1e-13/step of a gradient near 1 (gradients.ts), and far more where gradients are
 * large through many layers and spikes; their truncation falls with the fourth power of the step. So the better of two
 * steps counts.
 */
const DIFFERENCE_TOLERANCE = 1e-7;
const DIFFERENCE_STEPS = [3e-5, 8e-6];

/** Relative error against differences; undefined when the problem says nothing about this estimator. */
function errorAgainstDifferences(make: Make, kind: Kind, problem: Problem): number | undefined {
  if (!serves(kind, problem) || grazes(problem)) return undefined;
  const gradient = gradientOf(problem, make(problem.network, CONFIG[kind]));
  let error = Number.POSITIVE_INFINITY;
  for (const step of DIFFERENCE_STEPS) {
    const expected = differences(problem, step).gradient;
    if (!(largest(expected.filter(Number.isFinite)) > 1e-3)) return undefined;
    error = Math.min(error, deviation(expected, gradient));
    if (error < DIFFERENCE_TOLERANCE) break;
  }
  return error;
}

const allShapes = { ...SHAPES, ...SINGLE_SPIKE_SHAPES };
const cases = referenceCases("network-gradients.json").map((one) => ({
  name: one.name,
  ...caseNetwork(one, "layered"),
}));

it("all 50-digit references fit the exact adjoint", () => {
  expect(cases.filter((reference) => serves("eventprop", reference)).length).toBe(4);
});

describe.each(claiming("exact"))("%s is exact", (kind) => {
  const servedCases = cases.filter((reference) => serves(kind, reference));

  it.runIf(servedCases.length > 0)("on those 50-digit references that fit", () => {
    for (const { name, stated, ...problem } of servedCases) {
      const gradient = gradientOf(problem, createEstimator(problem.network, CONFIG[kind]));
      const expected = Float64Array.from(stated, ({ value }) => value);
      const found = Float64Array.from(stated, ({ weight }) => gradient[weight]!);
      expect(deviation(expected, found), name).toBeLessThan(1e-11);
    }
  });

  const served = Object.entries(allShapes).filter(([, shape]) =>
    Array.from({ length: 20 }, (_, seed) => randomProblem(shape, seed)).some(
      (problem) => problem !== undefined && serves(kind, problem),
    ),
  );

  it("for some shape of network", () => {
    expect(served.length).toBeGreaterThan(1);
  });

  it.each(served)("against differences: %s", (_name, shape) => {
    let checked = 0;
    fc.assert(
      fc.property(fc.nat(1_000_000), (seed) => {
        const problem = randomProblem(shape, seed);
        if (problem === undefined) return;
        const error = errorAgainstDifferences(right, kind, problem);
        if (error === undefined) return;
        checked++;
        expect(error).toBeLessThan(DIFFERENCE_TOLERANCE);
      }),
      { numRuns: 12 },
    );
    expect(checked).toBeGreaterThan(2);
  });

  it.each([
    ["everywhere", wrongEverywhere],
    ["in the first layer", wrongInFirstLayer],
  ])("unless a sign is wrong %s", (_where, make) => {
    for (const [name, shape] of served) {
      const errors = Array.from({ length: 8 }, (_, seed) => randomProblem(shape, seed))
        .map((problem) => problem && errorAgainstDifferences(make, kind, problem))
        .filter((error) => error !== undefined);
      expect(Math.max(...errors), name).toBeGreaterThan(1e3 * DIFFERENCE_TOLERANCE);
    }
  });
});

/** Relative errors at the given steps. */
function errorsOverSteps(make: Make, problem: Problem, steps: readonly number[]): number[] {
  const { network } = problem;
  const exact = gradientOf(problem, createEstimator(network, CONFIG.eventprop));
  return steps.map((dt) => {
    const config: EstimatorConfig = { ...CONFIG["eventprop-grid"], dt };
    return deviation(exact, gradientOf(problem, make(network, config)));
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/**
 * Exponent n of error ∝ dtⁿ, and the error at the smallest step; medians over problems, because a problem with two
 * events that are nearer to each other than dt converges only below their distance.
 */
function convergence(
  make: Make,
  problems: readonly Problem[],
): { readonly order: number; readonly error: number } {
  const steps = [0.01, 0.000625];
  const errors = problems.map((problem) => errorsOverSteps(make, problem, steps));
  return {
    order: median(
      errors.map(([coarse, fine]) => Math.log(coarse! / fine!) / Math.log(steps[0]! / steps[1]!)),
    ),
    error: median(errors.map(([, fine]) => fine!)),
  };
}

describe.each(claiming("consistent"))("%s is consistent", (kind) => {
  const problems = Object.values(SHAPES).flatMap((shape) =>
    [1, 2, 3, 4, 5]
      .map((seed) => randomProblem(shape, seed))
      .filter((problem) => problem !== undefined)
      .filter((problem) => serves(kind, problem) && !grazes(problem)),
  );

  it("with first order in dt", () => {
    expect(problems.length).toBeGreaterThan(20);
    const { order, error } = convergence(right, problems);
    expect(order).toBeGreaterThan(0.85);
    expect(order).toBeLessThan(1.15);
    expect(error).toBeLessThan(2e-3);
  });

  it.each([
    ["everywhere", wrongEverywhere],
    ["in the first layer", wrongInFirstLayer],
  ])("unless a sign is wrong %s", (_where, make) => {
    const { order, error } = convergence(make, problems);
    expect(order).toBeLessThan(0.1);
    expect(error).toBeGreaterThan(0.1);
  });
});

describe.each(claiming("heuristic"))("%s points along the gradient on average", (kind) => {
  const problems = yinYangProblems(60);
  const hiddenWeights = problems[0]!.network.projections[1]!.offset;

  /** Mean cosine with the exact gradient over samples, in standard errors of that mean. */
  const alignment = (make: Make, from: number, to: number): number => {
    const { network } = problems[0]!;
    const exact = createEstimator(network, CONFIG.eventprop);
    const estimator = make(network, CONFIG[kind]);
    const cosines = problems.map((problem) =>
      cosine(
        gradientOf(problem, exact).subarray(from, to),
        gradientOf(problem, estimator).subarray(from, to),
      ),
    );
    const mean = cosines.reduce((sum, value) => sum + value, 0) / cosines.length;
    const variance = cosines.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (cosines.length - 1);
    return mean / Math.sqrt(variance / cosines.length);
  };

  it("on Yin-Yang samples, for hidden weights and for all", () => {
    expect(alignment(right, 0, problems[0]!.network.weights)).toBeGreaterThan(3);
    expect(alignment(right, 0, hiddenWeights)).toBeGreaterThan(3);
  });

  it("unless a sign is wrong", () => {
    expect(alignment(wrongEverywhere, 0, problems[0]!.network.weights)).toBeLessThan(0);
    expect(alignment(wrongInFirstLayer, 0, hiddenWeights)).toBeLessThan(0);
  });
});

/** The same problem with thresholds, resets and weights in other units; its loss reads potentials in them. */
function inUnits(problem: Problem, unit: number): Problem {
  const { network, loss } = problem;
  const { threshold, reset } = network.constants;
  const constants = {
    ...network.constants,
    threshold: threshold.map((value) => value * unit),
    reset: reset.map((value) => value * unit),
  };
  const read =
    loss.kind === "voltage-at"
      ? { ...loss, terms: loss.terms.map((term) => ({ ...term, coefficient: term.coefficient / unit })) }
      : "scale" in loss
        ? { ...loss, scale: loss.scale / unit }
        : loss;
  return {
    ...problem,
    network: withConstants(network, constants),
    weights: problem.weights.map((weight) => weight * unit),
    loss: read,
  };
}

describe.each(ESTIMATORS.map(({ kind }) => kind))("%s", (kind) => {
  const shapes = Object.values(allShapes);
  const problemFrom = (seed: number): Problem | undefined =>
    randomProblem(shapes[seed % shapes.length]!, seed);
  const estimatorFor = ({ network }: Problem): Estimator =>
    createEstimator(network, { ...CONFIG[kind], slopeFloor: 0.05 } as EstimatorConfig);

  test("is linear in the cotangent", () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (seed) => {
        const problem = problemFrom(seed);
        if (problem === undefined) return;
        const estimator = estimatorFor(problem);
        const { observation, cotangent } = observe(problem, estimator.hiddenVoltages);
        const draws = stream(seed, "test/cotangent");
        const random = () => ({
          spike: cotangent.spike.map((_, i) => (i < observation.spikes.count ? draws.normal() : 0)),
          voltage: cotangent.voltage.map((_, i) => (i < observation.voltages.count ? draws.normal() : 0)),
        });
        const run = (of: { spike: Float64Array; voltage: Float64Array }): Float64Array => {
          const gradient = new Float64Array(problem.network.weights);
          estimator.accumulate(observation, problem.weights, of, gradient, newCounts());
          return gradient;
        };
        const [a, b] = [random(), random()];
        const mixed = {
          spike: a.spike.map((value, i) => 2 * value - 3 * b.spike[i]!),
          voltage: a.voltage.map((value, i) => 2 * value - 3 * b.voltage[i]!),
        };
        const [ofA, ofB, ofMixed] = [run(a), run(b), run(mixed)];
        const scale = Math.max(largest(ofA), largest(ofB), 1e-12);
        for (let i = 0; i < ofA.length; i++) {
          expect(Math.abs(ofMixed[i]! - (2 * ofA[i]! - 3 * ofB[i]!)) / scale).toBeLessThan(1e-9);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("adds samples up, remembers none, and leaves its arguments alone", () => {
    fc.assert(
      fc.property(fc.nat(100_000), (seed) => {
        const problem = problemFrom(seed);
        if (problem === undefined) return;
        const estimator = estimatorFor(problem);
        const { observation, cotangent } = observe(problem, estimator.hiddenVoltages);
        const before = structuredClone({ observation, cotangent, weights: problem.weights });
        const gradient = new Float64Array(problem.network.weights).fill(1);
        const once = new Float64Array(problem.network.weights);
        const run = (of: Estimator, out: Float64Array): void =>
          of.accumulate(observation, problem.weights, cotangent, out, newCounts());
        run(estimator, gradient);
        run(estimator, gradient);
        run(estimatorFor(problem), once);
        expect({ observation, cotangent, weights: problem.weights }).toEqual(before);
        const scale = Math.max(largest(once), 1);
        for (let i = 0; i < once.length; i++) {
          expect(Math.abs(gradient[i]! - 1 - 2 * once[i]!) / scale).toBeLessThan(1e-12);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("does not depend on the unit of potentials, capped jumps included", () => {
    // A power of two, so that the scaled network rounds alike.
    const unit = 2 ** -7;
    const floored = ({ network }: Problem): Estimator =>
      createEstimator(network, { ...CONFIG[kind], slopeFloor: 0.5 } as EstimatorConfig);
    let capped = 0;
    for (let seed = 0; seed < 60; seed++) {
      const problem = problemFrom(seed);
      if (problem === undefined) continue;
      const [counts, scaledCounts] = [newCounts(), newCounts()];
      const scaled = inUnits(problem, unit);
      const gradient = gradientOf(problem, floored(problem), counts);
      const scaledGradient = gradientOf(scaled, floored(scaled), scaledCounts);
      expect(scaledCounts).toEqual(counts);
      expect(
        deviation(
          gradient,
          scaledGradient.map((value) => value * unit),
        ),
      ).toBeLessThan(1e-9);
      capped += counts.cappedJumps;
    }
    if ("slopeFloor" in CONFIG[kind]) expect(capped).toBeGreaterThan(0);
  });

  test("keeps at least what it reads, in bytes", () => {
    const problem = yinYangProblems(1)[0]!;
    const estimator = estimatorFor(problem);
    const { observation } = observe(problem, estimator.hiddenVoltages);
    expect(estimator.bytesKept(observation)).toBeGreaterThan(0);
    const nothing = structuredClone(observation);
    nothing.spikes.count = 0;
    nothing.voltages.count = 0;
    expect(estimator.bytesKept(nothing)).toBe(0);
  });
});
