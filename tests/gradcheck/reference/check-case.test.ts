import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type GradientCase, parseCases } from "../../../src/gradcheck/reference/case-file.ts";
import { checkCase } from "../../../src/gradcheck/reference/check-case.ts";
import { caseFile } from "./small-case.ts";

const PATH = new URL("../../../../shared/reference/network-gradients.json", import.meta.url);
const CASES = existsSync(PATH) ? parseCases(readFileSync(PATH, "utf8"), "network-gradients.json") : [];

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
      loss.kind === "max-over-time-cross-entropy"
        ? { ...loss, neurons: loss.neurons.map(place) }
        : { ...loss, terms: loss.terms.map((term) => ({ ...term, neuron: place(term.neuron) })) },
    expected: {
      ...one.expected,
      spikeTimes: columns(one.expected.spikeTimes),
      gradient: matrix(one.expected.gradient),
    },
  };
}

describe.skipIf(CASES.length === 0)(
  `network-gradients.json${CASES.length === 0 ? " (reference data absent)" : ""}`,
  () => {
    it.each(CASES.map((one) => [one.name, one] as const))("%s is met", (_, one) => {
      const result = checkCase(one);
      expect(result.complaints).toEqual([]);
      // Issue 4: 1e-9 of the largest entry, 1e-7 for a maximum over time.
      expect(result.gradientError).toBeLessThan(1e-9);
      expect(result.timeError).toBeLessThan(1e-9);
      expect(result.entries).toBeGreaterThan(20);
    });

    it.each(CASES.map((one) => [one.name, one] as const))(
      "%s is met in another order of neurons",
      (_, one) => {
        const order = one.neurons.map((_neuron, i) => one.neurons.length - 1 - i);
        expect(checkCase(reordered(one, order)).complaints).toEqual([]);
      },
    );

    it.each(CASES.map((one) => [one.name, one] as const))(
      "%s with a gradient of the other sign is wrong",
      (_, one) => {
        const gradient = one.expected.gradient.map((row) => row.map((entry) => -entry));
        const result = checkCase({ ...one, expected: { ...one.expected, gradient } });
        expect(result.passed).toBe(false);
        expect(result.gradientError).toBeCloseTo(2, 9);
      },
    );
  },
);

describe("a case", () => {
  it("of one neuron in closed form is met", () => {
    expect(checkCase(small())).toMatchObject({ passed: true, spikes: 1, entries: 1, complaints: [] });
  });

  it("that is off by 1e-8 is wrong, and says where", () => {
    const one = small((raw) => {
      (raw.expected.gradient[0] as number[])[0] = -3.3370859695 * (1 + 1e-8);
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
        raw.expected.spikeTimes = [[3.7469378302, 9]];
        return raw;
      }),
    );
    expect(complaints[0]).toBe("neuron 0 spikes 1 times, 2 expected");
    expect(timeError).toBeNull();
  });

  it("that states no gradient, or only zero, is not passed", () => {
    for (const mask of [
      [[0], [0]],
      [[0], [1]],
    ]) {
      const { passed, complaints } = checkCase(small((raw) => ({ ...raw, mask })));
      expect(passed).toBe(false);
      expect(complaints.join()).toMatch(/nothing was checked/);
    }
  });
});
