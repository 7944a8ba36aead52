import { describe, expect, it } from "vitest";
import { type GradientCase, parseCases } from "../../../src/gradcheck/reference/case-file.ts";
import { LAYOUTS } from "../../../src/gradcheck/reference/case-network.ts";
import { checkCase } from "../../../src/gradcheck/reference/check-case.ts";
import { referenceCases } from "../../reference/files.ts";
import { caseFile } from "./small-case.ts";

const CASES = referenceCases("network-gradients.json");

function small(change?: Parameters<typeof caseFile>[0]): GradientCase {
  return parseCases(caseFile(change), "small")[0] as GradientCase;
}

/** The same network with its neurons in another order: entry i becomes neuron `order[i]`. */
function reordered(one: GradientCase, order: readonly number[]): GradientCase {
  const place = (neuron: number): number => order.indexOf(neuron);
  const columns = <T>(row: readonly T[]): T[] => order.map((neuron) => row[neuron] as T);
  const matrix = <T>(rows: readonly (readonly T[])[]): T[][] => [
    ...rows.slice(0, one.inputs).map(columns),
    ...columns(rows.slice(one.inputs)).map(columns),
  ];
  const { loss } = one;
  return {
    ...one,
    neurons: columns(one.neurons),
    weights: matrix(one.weights),
    plastic: matrix(one.plastic),
    loss:
      "neurons" in loss
        ? { ...loss, neurons: loss.neurons.map(place) }
        : { ...loss, terms: loss.terms.map((term) => ({ ...term, neuron: place(term.neuron) })) },
    expected: {
      ...one.expected,
      spikeTimes: columns(one.expected.spikeTimes),
      gradient: matrix(one.expected.gradient),
    },
  };
}

describe.each(CASES.map((one) => [one.name, one] as const))("network-gradients.json: %s", (_, one) => {
  it.each(LAYOUTS)("is met %s", (layout) => {
    const result = checkCase(one, layout);
    expect(result.complaints).toEqual([]);
    expect(result.illConditioned).toBe(false);
    expect(result.entries).toBeGreaterThan(20);
  });

  it("is met in another order of neurons", () => {
    const order = one.neurons.map((_neuron, i) => one.neurons.length - 1 - i);
    expect(checkCase(reordered(one, order)).complaints).toEqual([]);
  });

  it("is wrong with a gradient of the other sign", () => {
    const gradient = one.expected.gradient.map((row) => row.map((entry) => -entry));
    const result = checkCase({ ...one, expected: { ...one.expected, gradient } });
    expect(result.passed).toBe(false);
    expect(result.gradientError).toBeCloseTo(2, 9);
  });
});

/** The first case of each category; tests/slow has all. */
const ADVERSARIAL = [
  ...new Map(referenceCases("adversarial-cases.json").map((one) => [one.name.split(":")[0], one])).values(),
];

describe("adversarial-cases.json, one of each kind", () => {
  it.each(ADVERSARIAL.map((one) => [one.name, one] as const))("%s", (_, one) => {
    for (const layout of LAYOUTS) expect(checkCase(one, layout).complaints, layout).toEqual([]);
  });
});

describe("a case", () => {
  it("of one neuron in closed form is met", () => {
    expect(checkCase(small())).toMatchObject({ passed: true, spikes: 1, entries: 1, complaints: [] });
  });

  it("that is off by 1e-8 is wrong, and says where", () => {
    const one = small((raw) => {
      (raw.expected.gradient[0] as number[])[0] = -3.337085969454995 * (1 + 1e-8);
      return raw;
    });
    const { passed, complaints } = checkCase(one);
    expect(passed).toBe(false);
    expect(complaints).toEqual([
      "the gradient of source 0 to neuron 0 is off by 1.00e-8 of the largest entry",
    ]);
  });

  it("with another number of spikes is wrong", () => {
    const { complaints, timeError } = checkCase(
      small((raw) => {
        raw.expected.spikeTimes = [[3.746937830233289, 9]];
        return raw;
      }),
    );
    expect(complaints[0]).toBe("neuron 0 spikes 1 times, 2 expected");
    expect(timeError).toBeNull();
  });

  it("that states no gradient is not passed", () => {
    const { passed, complaints } = checkCase(small((raw) => ({ ...raw, mask: [[0], [0]] })));
    expect(passed).toBe(false);
    expect(complaints.join()).toMatch(/nothing was checked/);
  });

  it("whose gradient is zero is checked as zero", () => {
    const silent = (gradient: number) =>
      small((raw) => ({
        ...raw,
        weights: [[0.5 * Math.E], [0]],
        neurons: [{ ...raw.neurons[0], theta: null }],
        loss: { kind: "max-over-time-cross-entropy", neurons: [0], scale: 1, label: 0 },
        expected: { spikeTimes: [[]], loss: 0, gradient: [[gradient], [0]] },
      }));
    expect(checkCase(silent(0))).toMatchObject({ passed: true, gradientError: 0 });
    expect(checkCase(silent(1e-3)).complaints).toEqual([
      "the gradient of source 0 to neuron 0 is off by 1.00e+0 of the largest entry",
    ]);
  });

  it("at a tie may have the derivative of either side, where it says so", () => {
    // max(0, V) of a neuron with weight 0: the derivative by the score is -1/2, that of the peak 1/e or 0.
    const tie = (gradient: number, nondiff: readonly (readonly number[])[]) =>
      small((raw) => ({
        ...raw,
        neurons: [0, 1].map(() => ({ ...raw.neurons[0], theta: null })),
        weights: [[0, 1], ...NONE],
        mask: [[1, 1], ...NONE],
        loss: { kind: "max-over-time-cross-entropy", neurons: [0, 1], scale: 1, label: 0 },
        expected: {
          spikeTimes: [[], []],
          loss: Math.log1p(Math.exp(1 / Math.E)),
          gradient: [[gradient, slope / Math.E], ...NONE],
        },
        nondiff,
      }));
    const slope = 1 / (1 + Math.exp(-1 / Math.E));
    for (const [gradient, passes] of [
      [0, true],
      [-slope / Math.E, true],
      [-0.9 * (slope / Math.E), false],
    ] as const)
      expect(checkCase(tie(gradient, [[0, 0]])).passed, `${gradient}`).toBe(passes);
    expect(checkCase(tie(-slope / Math.E, [])).passed).toBe(false);
  });
});

const NONE = [
  [0, 0],
  [0, 0],
];
