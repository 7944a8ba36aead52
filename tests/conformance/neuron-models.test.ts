/**
 * The laws that every neuron model of the table keeps: motion over a + b is that over b after that over a; the adjoint
 * moves by the transpose; a spike is where V first reaches the threshold; the gradient of weights, delays and constants
 * equals differences; and a model whose additions are switched off is the simpler one.
 */

import { describe, expect, it, test } from "vitest";
import { stream } from "../../src/core/random.ts";
import { moveFree } from "../../src/network/adaptive-neurons.ts";
import { type AdaptiveNeuron, adaptiveNeuron, E, H, I, STATE, V, W } from "../../src/neuron/adaptive.ts";
import { NEUTRAL } from "../../src/neuron/constants.ts";
import { moveLinearBack } from "../../src/neuron/linear-flow.ts";
import { modelOf, NEURON_MODELS } from "../../src/neuron/models/index.ts";
import { moveNonlinearBack } from "../../src/neuron/runge-kutta.ts";
import {
  adapts,
  gradientErrors,
  type ModelShape,
  modelGradient,
  modelProblem,
  shapeName as name,
  observeModel,
  SHAPES,
  shapeTolerance as tolerance,
} from "./model-problems.ts";

test("every model of the table has a configuration here", () => {
  const named = new Set([...SHAPES.map(({ model }) => model), "li"]);
  expect([...named].sort()).toEqual(NEURON_MODELS.map(({ kind }) => kind).sort());
});

describe("the gradient equals differences", () => {
  const cases = SHAPES.map((shape, k) => ({
    ...shape,
    delays: (["axonal", "synaptic", "dendritic"] as const)[k % 3]!,
    recurrent: k % 2 === 1,
  }));

  it.each(cases.map((shape) => [name(shape), shape] as const))("%s", (_name, shape) => {
    const { worst, compared } = gradientErrors(shape, 1, 2);
    expect(compared).toBeGreaterThan(5);
    expect(worst).toBeLessThan(tolerance(shape));
  });

  it("unless its sign is wrong", () => {
    expect(gradientErrors({ ...cases[0]!, learned: [] }, 1, 2, -1).worst).toBeGreaterThan(1);
  });
});

/** A neuron of a shape, and a state below its threshold with all variables at work. */
function neuronOf(
  { model, extra, threshold = 1, tauMem = 7 }: ModelShape,
  seed: number,
): [AdaptiveNeuron, Float64Array] {
  const draws = stream(seed, "test/laws");
  const neuron = adaptiveNeuron(
    {
      ...NEUTRAL,
      tauMem,
      tauSynExc: 5,
      tauSynInh: 4,
      threshold,
      reset: 0,
      refractory: 1,
      ...extra,
      tolerance: 1e-12,
    },
    modelOf(model).intrinsic,
  );
  const x = new Float64Array(STATE);
  x[V] = 0.3 * draws.normal() - 0.2;
  x[E] = (neuron.adapts && neuron.adaptation > 1 ? 24 : 9) * draws.uniform();
  x[I] = -draws.uniform();
  if (neuron.adapts) x[W] = 0.3 * draws.normal();
  if (neuron.movesThreshold) x[H] = 0.3 * draws.uniform();
  return [neuron, x];
}

describe.each(SHAPES.map((shape) => [name(shape), shape] as const))("%s", (_name, shape) => {
  const linear = modelOf(shape.model).intrinsic === undefined;

  test("moves over a + b as over b after a", () => {
    for (let seed = 0; seed < 30; seed++) {
      const [neuron, x] = neuronOf({ ...shape, threshold: 1e9 }, seed);
      if (!linear) x[E] = 0.2;
      const once = x.slice();
      const twice = x.slice();
      moveFree(neuron, once, 7, false);
      moveFree(neuron, twice, 2.5, false);
      moveFree(neuron, twice, 4.5, false);
      for (let k = 0; k < STATE; k++)
        expect(Math.abs(once[k]! - twice[k]!)).toBeLessThan(linear ? 1e-13 : 1e-9);
    }
  });

  test("moves p by the transpose of what it does to small changes", () => {
    for (let seed = 0; seed < 10; seed++) {
      const [neuron, x] = neuronOf(shape, seed);
      if (!linear) x[E] = 0.2;
      const s = 0.4;
      const p = Float64Array.of(0.7, neuron.adapts ? -0.4 : 0, 0.2, -0.9, neuron.movesThreshold ? 0.5 : 0);
      const kept = p.slice();
      const end = x.slice();
      moveFree(neuron, end, s, false);
      if (linear) moveLinearBack(neuron, p, s);
      else moveNonlinearBack(neuron, p, x, s, end[V]!, end[W]!, undefined);
      for (const k of [V, W, E, I, H]) {
        if ((k === W && !neuron.adapts) || (k === H && !neuron.movesThreshold)) continue;
        const [up, down] = [1e-5, -1e-5].map((change) => {
          const moved = x.slice();
          moved[k] = moved[k]! + change;
          moveFree(neuron, moved, s, false);
          return moved.reduce((sum, value, n) => sum + value * kept[n]!, 0);
        });
        expect(Math.abs((up! - down!) / 2e-5 - p[k]!)).toBeLessThan(1e-7);
      }
    }
  });

  test("spikes where V first reaches the threshold, and nowhere before", () => {
    let spikes = 0;
    for (let seed = 0; seed < 40; seed++) {
      const [neuron, x] = neuronOf(shape, seed);
      const end = x.slice();
      const time = moveFree(neuron, end, 30, true);
      const until = Math.min(time, 30);
      if (time < 30) {
        spikes++;
        expect(Math.abs(end[V]! - end[H]! - neuron.threshold)).toBeLessThan(1e-12);
        const there = x.slice();
        moveFree(neuron, there, time, false);
        expect(Math.abs(there[V]! - there[H]! - neuron.threshold)).toBeLessThan(linear ? 1e-12 : 1e-7);
      }
      for (let step = 1; step < 100; step++) {
        const before = x.slice();
        moveFree(neuron, before, (until * step) / 100.5, false);
        expect(before[V]! - before[H]!).toBeLessThan(neuron.threshold);
      }
    }
    expect(spikes).toBeGreaterThan(5);
    expect(spikes).toBeLessThan(40);
  });
});

describe("a model without its additions is the simpler one", () => {
  const LIF: ModelShape = { model: "lif" };
  const same = (one: ModelShape, other: ModelShape, within: number): void => {
    for (const recurrent of [false, true]) {
      for (let seed = 0; seed < 4; seed++) {
        const [a, b] = [one, other].map((shape) => {
          const problem = modelProblem({ ...shape, recurrent }, seed);
          const { spikes, voltages } = observeModel(problem);
          const gradient = modelGradient(problem).subarray(0, problem.network.weights);
          return {
            index: [...spikes.index.subarray(0, spikes.count)],
            numbers: [
              ...spikes.time.subarray(0, spikes.count),
              ...voltages.value.subarray(0, voltages.count),
              ...gradient,
            ],
          };
        });
        expect(a!.index).toEqual(b!.index);
        expect(a!.index.length).toBeGreaterThan(0);
        a!.numbers.forEach((value, k) => {
          expect(Math.abs(value - b!.numbers[k]!)).toBeLessThan(within);
        });
      }
    }
  };

  // 1e-14 of adaptation sends it through eigenvalues and turning points, not through the closed forms.
  it.each([
    ["alif without adaptation is lif", { model: "alif", extra: { adaptation: 1e-14 } }, LIF, 1e-10],
    [
      "... with equal time constants too",
      { model: "alif", tauMem: 5, extra: { adaptation: 1e-14 } },
      { ...LIF, tauMem: 5 },
      1e-10,
    ],
    ["qif without curvature is lif", { model: "qif" }, LIF, 1e-8],
    [
      "adex without exponential current is alif",
      { model: "adex", extra: adapts },
      { model: "alif", extra: adapts },
      1e-8,
    ],
  ] as const)("%s", (_name, one, other, within) => same(one, other, within));

  it("lif that goes the general way is lif", () => {
    same({ ...LIF, delays: "axonal", noDelay: true }, LIF, 1e-10);
  });
});
