import { describe, expect, test } from "vitest";
import { stream } from "../../../src/core/random.ts";
import { layerTrace, reserveTrace, WAIT } from "../../../src/learning/estimators/layer-trace.ts";
import { computeWaits } from "../../../src/learning/estimators/layer-waits.ts";
import { exponential, fixed, ONE, over, relativeError, times } from "../../model/fixed-point.ts";

/** e^{−y}, e^{−(y + x)} and y (e^{−y} − e^{−(y + x)})/x of waits with these y = a s and x = (r − a) s. */
function computed(pairs: readonly (readonly [y: number, x: number])[]): Float64Array {
  const trace = layerTrace(1);
  reserveTrace(trace, 1, pairs.length);
  trace.count = pairs.length;
  pairs.forEach((pair, wait) => {
    trace.waits.set(pair, wait * WAIT);
  });
  computeWaits(trace);
  return trace.waits;
}

function worst(pairs: readonly (readonly [number, number])[]): readonly number[] {
  const waits = computed(pairs);
  const errors = [0, 0, 0];
  pairs.forEach(([y, x], wait) => {
    const leak = exponential(-fixed(y));
    const own = exponential(-fixed(y) - fixed(x));
    const exact = [leak, own, times(fixed(y), over(leak - own, fixed(x)))];
    exact.forEach((value, i) => {
      errors[i] = Math.max(errors[i]!, Math.abs(relativeError(waits[wait * WAIT + i]!, value)));
    });
  });
  return errors;
}

describe("exponentials of a wait", () => {
  const draw = stream(1, "waits");

  test("are right where the rates are near each other, on both sides of the series", () => {
    const pairs = Array.from({ length: 1000 }, () => {
      const x = (draw.uniform() < 0.5 ? -1 : 1) * 10 ** (-8 + 6.9 * draw.uniform());
      return [0.2 + 8 * draw.uniform(), x] as const;
    });
    const edge = [-1, 1].flatMap((sign) =>
      [1 / 32, 1 / 32 - 2 ** -57, 1 / 32 + 2 ** -57].map((x) => [1, sign * x] as const),
    );
    const [leak, own, response] = worst([...pairs, ...edge]);
    expect(leak).toBeLessThan(3e-16);
    expect(own).toBeLessThan(2e-15);
    expect(response).toBeLessThan(4e-14);
  });

  test("are right where the rates differ", () => {
    const pairs = Array.from({ length: 1000 }, () => {
      const y = 5 * draw.uniform() ** 3 + 1e-6;
      return [y, (-0.99 + 10 * draw.uniform()) * y] as const;
    }).filter(([, x]) => Math.abs(x) > 1e-9);
    const [leak, own, response] = worst(pairs);
    expect(leak).toBeLessThan(3e-16);
    expect(own).toBeLessThan(1e-14);
    expect(response).toBeLessThan(4e-14);
  });

  test("with equal rates are y e^{-y}, and nothing has happened after no time", () => {
    const waits = computed([
      [1.5, 0],
      [0, 0],
    ]);
    expect(Array.from(waits.subarray(0, 2))).toEqual([waits[0], waits[0]]);
    expect(Math.abs(relativeError(waits[2]!, times(fixed(1.5), exponential(-(3n * ONE) / 2n))))).toBeLessThan(
      5e-16,
    );
    expect(Array.from(waits.subarray(WAIT, WAIT + 3))).toEqual([1, 1, 0]);
  });
});
