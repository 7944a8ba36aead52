import { describe, expect, it, test } from "vitest";
import { createTrainer } from "../../src/engine/trainer.ts";
import { loadExperiment } from "../../src/experiment/load.ts";
import { initialWeights, weightRules } from "../../src/experiment/weights.ts";
import { parameterValue } from "../../src/network/parameters.ts";
import { npyBytes, zipBytes } from "../data/npy-bytes.ts";
import { experimentFiles, SMALL, userErrorOf } from "./experiment-files.ts";

const files = experimentFiles();
files.write("e.yaml", SMALL);
const load = (set: readonly string[] = []) => loadExperiment("e.yaml", { set, folder: files.folder });
const HIDDEN = "network.projections.input>hidden";
/** Weights of the 5 inputs to `size` hidden neurons. */
const drawn = (init: string, set: readonly string[] = [], size = 400): Float64Array => {
  const { experiment, components } = load([
    `network.populations.hidden.size=${size}`,
    `${HIDDEN}.init=${init}`,
    ...set,
  ]);
  return initialWeights(experiment, components.network).subarray(0, 5 * size);
};
const moments = (values: ArrayLike<number>): [mean: number, std: number] => {
  const all = Array.from(values);
  const mean = all.reduce((sum, each) => sum + each, 0) / all.length;
  return [mean, Math.sqrt(all.reduce((sum, each) => sum + (each - mean) ** 2, 0) / all.length)];
};

describe("initial weights", () => {
  const weightsOf = (set: readonly string[]) => {
    const { experiment, components } = load(set);
    return initialWeights(experiment, components.network);
  };

  test("have the mean and spread of their projection", () => {
    const set = [
      "network.populations.hidden.size=400",
      "network.projections.input>hidden.init={mean: 1, std: 0.5}",
    ];
    const weights = weightsOf(set);
    const input = weights.subarray(0, 2000);
    const mean = input.reduce((sum, w) => sum + w, 0) / input.length;
    const variance = input.reduce((sum, w) => sum + (w - mean) ** 2, 0) / input.length;
    // Four standard errors of 2000 draws: 0.5 / √2000 for the mean, 0.5 / √4000 for the deviation.
    expect(Math.abs(mean - 1)).toBeLessThan((4 * 0.5) / Math.sqrt(2000));
    expect(Math.abs(Math.sqrt(variance) - 0.5)).toBeLessThan((4 * 0.5) / Math.sqrt(4000));
  });

  test("depend on the seed, and on nothing of the other projection", () => {
    expect(weightsOf([])).toEqual(weightsOf([]));
    expect(weightsOf(["seed=2"])).not.toEqual(weightsOf([]));
    const other = weightsOf(["network.projections.input>hidden.init.std=9"]);
    expect(other.subarray(50)).toEqual(weightsOf([]).subarray(50));
  });
});

describe("kinds of first weights", () => {
  it("`{ mean, std }` alone is normal", () => {
    expect(drawn("{ kind: normal, mean: 1, std: 0.5 }")).toEqual(drawn("{ mean: 1, std: 0.5 }"));
  });

  it("uniform weights fill their range", () => {
    const weights = drawn("{ kind: uniform, low: -0.5, high: 1.5 }");
    const [mean, std] = moments(weights);
    expect(Math.min(...weights)).toBeGreaterThanOrEqual(-0.5);
    expect(Math.max(...weights)).toBeLessThan(1.5);
    // Four standard errors of 2000 draws of deviation 2/√12.
    expect(Math.abs(mean - 0.5)).toBeLessThan((4 * 2) / Math.sqrt(12 * 2000));
    expect(std).toBeCloseTo(2 / Math.sqrt(12), 1);
  });

  it("constant weights are one number", () => {
    expect(new Set(drawn("{ kind: constant, value: 0.25 }"))).toEqual(new Set([0.25]));
  });

  it("fan-in keeps the sum over the sources, however many there are", () => {
    for (const connect of ["{ kind: all }", "{ kind: fan-in, count: 2 }"]) {
      const weights = drawn("{ kind: fan-in, mean: 3, std: 2 }", [`${HIDDEN}.connect=${connect}`]);
      const sums = Array.from({ length: 400 }, (_, j) =>
        [0, 1, 2, 3, 4].reduce((sum, i) => sum + weights[400 * i + j]!, 0),
      );
      const [mean, std] = moments(sums);
      expect(Math.abs(mean - 3)).toBeLessThan((4 * 2) / Math.sqrt(400));
      expect(Math.abs(std - 2)).toBeLessThan((4 * 2) / Math.sqrt(800));
    }
  });

  it("a file of numpy gives its numbers", () => {
    const values = Array.from({ length: 50 }, (_, i) => i / 7 - 3);
    files.write("w.npy", npyBytes(values, [5, 10]));
    files.write("w.npz", zipBytes({ "input>hidden.npy": npyBytes(values, [5, 10]) }));
    const rows = Array.from({ length: 5 }, (_, i) => values.slice(10 * i, 10 * i + 10));
    files.write("w.json", JSON.stringify({ "input>hidden": rows }));
    for (const file of ["w.npy", "w.npz", "w.json"])
      expect([...drawn(`{ kind: file, path: ${file} }`, [], 10)]).toEqual(values);
  });

  it("a file that does not fit is refused at its line", () => {
    files.write("t.npy", npyBytes(new Array<number>(50).fill(1), [10, 5]));
    const error = userErrorOf(() => load([`${HIDDEN}.init={ kind: file, path: t.npy }`]));
    expect(error.message).toMatch(/input>hidden has shape \(10, 5\), \(5, 10\) is expected/);
    expect(error.hint).toMatch(/transposed/);
  });
});

describe("connections", () => {
  const maskOf = (connect: string, set: readonly string[] = []): Uint8Array => {
    const { experiment, components } = load([`${HIDDEN}.connect=${connect}`, ...set]);
    return weightRules(experiment, components.network)[0]!.mask!;
  };
  const count = (mask: ArrayLike<number>): number => Array.from(mask).reduce((sum, each) => sum + each, 0);

  it("by probability are exactly as many for every seed, and others", () => {
    const masks = [1, 2, 3].map((seed) =>
      maskOf("{ kind: probability, probability: 0.3 }", [`seed=${seed}`]),
    );
    expect(masks.map(count)).toEqual([15, 15, 15]);
    expect(masks[0]).not.toEqual(masks[1]);
    expect(maskOf("{ kind: probability, probability: 0.3 }", ["seed=1"])).toEqual(masks[0]);
  });

  it("by fan-in are exactly as many for each target", () => {
    const mask = maskOf("{ kind: fan-in, count: 2 }");
    for (let j = 0; j < 10; j++) expect(count([0, 1, 2, 3, 4].map((i) => mask[10 * i + j]!))).toBe(2);
  });

  it("come from a file where one is named", () => {
    const mask = Array.from({ length: 50 }, (_, i) => i % 3);
    files.write("mask.npy", npyBytes(mask, [5, 10]));
    expect([...maskOf("{ kind: file, path: mask.npy }")]).toEqual(mask.map((each) => Math.sign(each)));
  });

  it("more sources than there are are refused at their line", () => {
    const error = userErrorOf(() => load([`${HIDDEN}.connect={ kind: fan-in, count: 6 }`]));
    expect(error.message).toMatch(/5 sources, `count` asks for 6/);
    expect(error.where).toBeDefined();
  });
});

describe("rules hold in every update", () => {
  const NO_LIMITS = Float64Array.of(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  const SGD = ["optimizer={ kind: sgd, learningRate: 0.5 }", "regularizers=[]"];

  it("missing connections stay at 0, whatever the gradient", () => {
    const { experiment, components } = load([...SGD, `${HIDDEN}.connect={ kind: fan-in, count: 2 }`]);
    const { network } = components;
    const { mask } = weightRules(experiment, network)[0]!;
    const trainer = createTrainer(experiment, network, NO_LIMITS);
    for (let step = 0; step < 3; step++)
      trainer.update(
        0,
        new Float64Array(network.weights).fill(step - 1.5),
        new Float64Array(network.neurons).fill(1),
      );
    mask!.forEach((exists, i) => {
      if (exists === 0) expect(trainer.state.weights[i]).toBe(0);
      else expect(trainer.state.weights[i]).not.toBe(0);
    });
  });

  it.each([
    ["excitatory", 1],
    ["inhibitory", -1],
  ] as const)("%s weights keep their sign", (sign, direction) => {
    const { experiment, components } = load([...SGD, `${HIDDEN}.sign=${sign}`]);
    const { network } = components;
    const trainer = createTrainer(experiment, network, NO_LIMITS);
    const own = trainer.state.weights.subarray(0, 50);
    expect(own.every((weight) => weight * direction >= 0)).toBe(true);
    expect(own.some((weight) => weight !== 0)).toBe(true);
    trainer.update(
      0,
      new Float64Array(network.weights).fill(100 * direction),
      new Float64Array(network.neurons),
    );
    expect(own.every((weight) => weight === 0)).toBe(true);
    expect(trainer.state.weights.subarray(50).some((weight) => weight * direction < 0)).toBe(true);
  });
});

test("first delays come from a file, and what it has not got is said at its line", () => {
  const delays = [0.5, 1, 1.5, 2, 2.5];
  const delay = (file: string) => [`${HIDDEN}.delay={ kind: axonal, max: 6 us, file: ${file} }`];
  files.write("delays.json", JSON.stringify({ "delay input>hidden": delays }));
  const { experiment, components } = load(delay("delays.json"));
  const parameters = initialWeights(experiment, components.network);
  const [segment] = components.network.segments;
  delays.forEach((value, i) => {
    expect(parameterValue(segment!, parameters[segment!.offset + i]!)).toBeCloseTo(value, 12);
  });
  files.write("late.json", JSON.stringify({ "delay input>hidden": [...delays.slice(1), 7] }));
  expect(userErrorOf(() => load(delay("late.json"))).message).toMatch(
    /number 4 \(from 0\) is 7, from 0 to 6/,
  );
  files.write("few.json", JSON.stringify({ "delay input>hidden": [1] }));
  expect(userErrorOf(() => load(delay("few.json"))).message).toMatch(/5 numbers are expected/);
});
