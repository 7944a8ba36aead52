import { describe, expect, it } from "vitest";
import type { EstimatorCheck, ExperimentCheck } from "../../../src/gradcheck/experiment/check-experiment.ts";
import type { EstimatorUnderTest } from "../../../src/gradcheck/experiment/estimators-under-test.ts";
import { memoryTable } from "../../../src/gradcheck/experiment/memory.ts";
import type { Estimator } from "../../../src/gradient/types.ts";
import { flipped as flippedOn } from "../../conformance/gradients.ts";
import { experimentFiles } from "../../experiment/experiment-files.ts";
import { check, estimatorsOf, load, problemOf, SPIKING, scaled } from "./small-experiment.ts";

const files = experimentFiles();
const small = load(files);
const spiking = load(files, SPIKING);

function named(result: ExperimentCheck, name: string): EstimatorCheck {
  return result.estimators.find((one) => one.name === name) as EstimatorCheck;
}

/** The tested with all its gradients, refined ones too, multiplied. */
function flipped(tested: EstimatorUnderTest, factor = -1): EstimatorUnderTest {
  return {
    ...tested,
    estimator: scaled(tested.estimator, factor),
    free: scaled(tested.free, factor),
    refined: tested.refined.map(({ dt, estimator }) => ({ dt, estimator: scaled(estimator, factor) })),
  };
}

describe("a check of learned delays and constants", () => {
  const learns = load(files, SPIKING, [
    "network.populations.hidden={ model: alif, size: 6, tauMem: 9 us, trainable: { tauMem: { min: 3 us, max: 20 us } } }",
    "network.populations.output.trainable={ refractory: { min: 1 us, max: 38 us, per: population } }",
    "network.projections.input>hidden.delay={ kind: axonal, init: 1 us, max: 4 us }",
    "network.projections.hidden>output.delay={ kind: synaptic, init: 1 us, max: 4 us }",
  ]);
  const problem = problemOf(learns);

  it("has a part for each of them, judged like weights", async () => {
    const { passed, estimators, differences } = await check(problem, estimatorsOf(learns, ["eventprop"]));
    const parts = [
      "input>hidden",
      "hidden>output",
      "delay input>hidden",
      "delay hidden>output",
      "tauMem hidden",
      "refractory output",
    ];
    expect(differences.map(({ projection }) => projection)).toEqual(parts);
    expect(differences.map(({ holds }) => holds)).toEqual([
      ...Array(2).fill("weights"),
      ...Array(4).fill("values"),
    ]);
    const judged = estimators[0]!.projections.slice(0, 5);
    for (const { checked, unresolved } of judged) expect(checked - unresolved).toBeGreaterThan(3);
    expect(passed).toBe(true);
  });

  it("does not pass an adjoint whose delays alone are wrong", async () => {
    const [tested] = estimatorsOf(learns, ["eventprop"]) as [EstimatorUnderTest];
    const { offset, length } = problem.network.segments[1]!;
    const wrong: Estimator = {
      ...tested.free,
      accumulate(observation, weights, cotangent, gradient, counts) {
        tested.free.accumulate(observation, weights, cotangent, gradient, counts);
        for (let place = offset; place < offset + length; place++) gradient[place] = 1.01 * gradient[place]!;
      },
    };
    const { passed, estimators } = await check(problem, [{ ...tested, free: wrong, estimator: wrong }]);
    expect(passed).toBe(false);
    expect(estimators[0]!.verdict.finding).toMatch(/differences are not met/);
  });
});

describe("a check of a network with a membrane readout", () => {
  const problem = problemOf(small);
  const underTest = estimatorsOf(small);
  const result = check(problem, underTest);

  it("passes with every estimator that can serve", async () => {
    const { passed, estimators, spikesPerSample } = await result;
    expect(estimators.map(({ name }) => name)).toEqual([
      "eventprop",
      "eventprop-smoothed",
      "eventprop-grid",
      "surrogate",
    ]);
    expect(estimators.filter(({ failed }) => failed)).toEqual([]);
    expect(named(await result, "eventprop").verdict.passed).toBe(true);
    expect(passed).toBe(true);
    expect(spikesPerSample).toBeGreaterThan(1);
  });

  it("does not pass an estimator that points backwards on one projection, whatever the others do", async () => {
    const { network } = problem;
    const backwards = (one: Estimator): Estimator => ({ ...flippedOn(one, network, "first projection") });
    const [, , surrogate] = underTest as [EstimatorUnderTest, EstimatorUnderTest, EstimatorUnderTest];
    // The small network points anywhere there: eventprop in the place of the surrogate does not.
    const [{ free }] = underTest as [EstimatorUnderTest];
    const straight = { ...surrogate, free, estimator: free, trained: true };
    const turned = { ...straight, free: backwards(free), estimator: backwards(free) };
    expect((await check(problem, [straight])).passed).toBe(true);
    const { passed, estimators } = await check(problem, [turned]);
    expect(passed).toBe(false);
    // Over all weights it points forwards, since the readout outweighs the rest.
    expect(estimators[0]?.sampleCosine?.mean).toBeGreaterThan(0);
    expect(estimators[0]?.verdict).toMatchObject({
      claimKept: true,
      finding: expect.stringMatching(/; points backwards on input>hidden \(cosine -1\.000\)$/),
    });
    // For comparison only, it does not fail the check.
    expect((await check(problem, [{ ...turned, trained: false }])).passed).toBe(true);
  });

  it("finds EventProp equal to central differences", async () => {
    for (const one of named(await result, "eventprop").projections) {
      expect(one.nonzero).toBeGreaterThan(5);
      expect(one.wrong).toBe(0);
      // Of the differences themselves: about 1e-16 / 1e-3 in L, and what bends beyond the fourth power of the step.
      expect(one.largestError).toBeLessThan(1e-7);
      expect(one.relativeError).toBeLessThan(1e-7);
      expect(one.cosine).toBeCloseTo(1, 10);
    }
  });

  it("finds the grid to be of first order, and the bias to shrink with it", async () => {
    const { order } = named(await result, "eventprop-grid");
    expect(order?.grids.map(({ dt }) => dt)).toEqual([1, 0.5, 0.25, 0.125, 0.0625]);
    expect(order?.slope).toBeGreaterThan(0.7);
    expect(order?.slope).toBeLessThan(1.4);
    const medians = order?.grids.map(({ median }) => median as number) ?? [];
    expect(medians.at(-1)).toBeLessThan(0.25 * medians[0]!);
  });

  it("is the same again, and another with another seed of weights", async () => {
    const again = await check(problem, underTest);
    expect(again).toEqual(await result);
    const other = load(files, undefined, ["seed=2"]);
    const changed = await check(problemOf(other), estimatorsOf(other, ["eventprop"]));
    expect(changed.passed).toBe(true);
    expect(changed.gradient).not.toEqual((await result).gradient);
  });

  it("finds every claim missed by an estimator with the wrong sign", async () => {
    const { passed, estimators } = await check(
      problem,
      underTest.map((one) => flipped(one)),
    );
    expect(passed).toBe(false);
    for (const { verdict } of estimators) expect(verdict.passed).toBe(false);
  });

  it("finds exactness missed by one part in 100 000", async () => {
    const [eventprop] = underTest as [EstimatorUnderTest];
    const { estimators } = await check(problem, [flipped(eventprop, 1 + 1e-5)]);
    expect(estimators[0]?.verdict.finding).toMatch(/differences are not met/);
  });

  it("finds an estimator that returns no numbers to have missed its claim", async () => {
    const { estimators } = await check(
      problem,
      underTest.map((one) => flipped(one, Number.NaN)),
    );
    for (const { verdict, projections } of estimators) {
      expect(verdict.passed).toBe(false);
      for (const { relativeError, bias, cosine } of projections)
        expect([relativeError, bias, cosine]).toEqual([null, null, null]);
    }
  });

  it("counts bytes of spikes and of whole rows of samples", async () => {
    const { rows, ratio } = memoryTable(small.experiment, problem, underTest, await result);
    const { spikesPerSample } = await result;
    const [eventprop, , , surrogate] = rows;
    expect(eventprop?.kept).toBeCloseTo(8 * spikesPerSample, 9);
    // The readout's half of the chip for the loss: 27 rows of 384 bytes and 128 for their number, twice that in the
    // trace memory.
    expect((eventprop?.observed as number) - 8 * spikesPerSample).toBeCloseTo(2 * (27 * 384 + 128), 6);
    expect(surrogate?.observed).toBeGreaterThanOrEqual(eventprop?.observed as number);
    expect(surrogate?.kept).toBeGreaterThan(eventprop?.kept as number);
    // docs/memory.md: 23 samples of 13 neurons.
    expect(ratio.membranes.kept).toBeCloseTo((23 * 13) / (8 * spikesPerSample), 9);
    // The estimator itself samples 10 spiking neurons every 2 us, and keeps their spikes too.
    expect(ratio.surrogate.kept).toBeCloseTo(1 + (19 * 10) / (8 * spikesPerSample), 9);
  });
});

describe("a check of a network without spikes", () => {
  it("does not pass: nothing was checked", async () => {
    const problem = { ...problemOf(small), weights: new Float64Array(small.components.network.weights) };
    const result = await check(problem, estimatorsOf(small));
    expect(result.passed).toBe(false);
    expect(result.spikesPerSample).toBe(0);
    for (const { verdict, projections } of result.estimators) {
      expect(verdict).toMatchObject({
        passed: false,
        finding: expect.stringMatching(/^nothing was checked/),
      });
      for (const one of projections)
        expect([one.relativeError, one.cosine, one.largestError]).toEqual([null, null, null]);
    }
    expect(JSON.stringify(result)).not.toMatch(/NaN/);
    const { ratio } = memoryTable(small.experiment, problem, estimatorsOf(small), result);
    expect(ratio.surrogate.kept).toBeNull();
    expect(ratio.membranes.kept).toBeNull();
  });
});

describe("a check of a network that is judged by spike times", () => {
  const problem = problemOf(spiking, 10);

  it("passes with closed forms too, where every neuron spikes once", async () => {
    const result = await check(problem, estimatorsOf(spiking));
    expect(result.estimators.map(({ name }) => name)).toContain("first-spike");
    for (const name of ["eventprop", "first-spike"]) {
      const { verdict, projections } = named(result, name);
      expect(verdict.finding).toMatch(/^all \d+ differences are met/);
      expect(projections.every(({ nonzero }) => nonzero > 10)).toBe(true);
    }
  });

  it("leaves the closed form out where neurons spike twice, unless it was asked for", async () => {
    const repeating = load(files, SPIKING.replaceAll("refractory: 37 us", "refractory: 1 us"), [
      "network.projections.input>hidden.init.mean=12",
    ]);
    const twice = problemOf(repeating, 4);
    const { estimators, incompatible } = await check(twice, estimatorsOf(repeating));
    expect(estimators.map(({ name }) => name)).not.toContain("first-spike");
    expect(incompatible).toEqual([{ name: "first-spike", reason: "in every sample a neuron spikes twice" }]);
    const asked = await check(twice, estimatorsOf(repeating, ["first-spike"]));
    expect(asked.passed).toBe(false);
    expect(asked.estimators[0]?.verdict.finding).toMatch(/^nothing was checked/);
  });
});
