import { describe, expect, test } from "vitest";
import { stream } from "../../src/core/random.ts";
import { exactAdjoint } from "../../src/gradient/exact-adjoint.ts";
import { decay } from "../../src/neuron/decay.ts";
import { exponential, fixed, over, relativeError, times } from "../neuron/fixed-point.ts";

const { CONSTANTS, FLOW, response, writeFlow } = exactAdjoint;

/** Largest relative error of y (e^{−y} − e^{−(y + x)})/x over pairs y = a s, x = (r − a) s. */
function worst(pairs: readonly (readonly [y: number, x: number])[]): number {
  return pairs.reduce((most, [y, x]) => {
    const leak = exponential(-fixed(y));
    const own = exponential(-fixed(y) - fixed(x));
    const exact = times(fixed(y), over(leak - own, fixed(x)));
    return Math.max(most, Math.abs(relativeError(response(decay(y + x), y, x), exact)));
  }, 0);
}

describe("response of a membrane", () => {
  const draw = stream(1, "waits");

  test("is right where the rates are near each other, on both sides of the series", () => {
    const pairs = Array.from({ length: 1000 }, () => {
      const x = (draw.uniform() < 0.5 ? -1 : 1) * 10 ** (-8 + 6.9 * draw.uniform());
      return [0.2 + 8 * draw.uniform(), x] as const;
    });
    const edge = [-1, 1].flatMap((sign) =>
      [1 / 16, 1 / 16 - 2 ** -56, 1 / 16 + 2 ** -56].map((x) => [1, sign * x] as const),
    );
    expect(worst([...pairs, ...edge])).toBeLessThan(1e-14);
  });

  test("is right where the rates differ", () => {
    const pairs = Array.from({ length: 1000 }, () => {
      const y = 5 * draw.uniform() ** 3 + 1e-6;
      return [y, (-0.99 + 10 * draw.uniform()) * y] as const;
    }).filter(([, x]) => Math.abs(x) > 1e-9);
    expect(worst(pairs)).toBeLessThan(1e-14);
  });

  test("with equal rates is y e^{-y}", () => {
    expect(response(decay(1.5), 1.5, 0)).toBe(1.5 * decay(1.5));
  });
});

describe("flow of the adjoint", () => {
  const a = 1 / 6;

  test("has the numbers of both currents", () => {
    const constants = Float64Array.from({ length: CONSTANTS }, (_, k) => [a, 1 / 5, 1 / 7][k] ?? 0);
    const flow = Float64Array.from({ length: FLOW }, (_, k) => (k === 0 ? 3 : 0));
    writeFlow(constants, 0, flow, 0);
    const response = (r: number): number => (a * (Math.exp(-a * 3) - Math.exp(-r * 3))) / (r - a);
    const expected = [Math.exp(-a * 3), Math.exp(-3 / 5), response(1 / 5), Math.exp(-3 / 7), response(1 / 7)];
    expected.forEach((value, k) => {
      expect(Math.abs(flow[k]! / value - 1)).toBeLessThan(1e-14);
    });
  });

  test("is none over no time", () => {
    const constants = Float64Array.from({ length: CONSTANTS }, (_, k) => [a, 1 / 5, 1 / 7][k] ?? 0);
    const flow = new Float64Array(FLOW);
    writeFlow(constants, 0, flow, 0);
    expect(Array.from(flow)).toEqual([1, 1, 0, 1, 0]);
  });
});
