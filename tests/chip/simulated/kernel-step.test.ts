import { describe, expect, it } from "vitest";
import type { KernelNeurons } from "../../../src/chip/kernel/kernel.ts";
import { kernelStep } from "../../../src/chip/simulated/kernel-step.ts";

interface One {
  readonly tau?: number;
  readonly threshold?: number;
  readonly refractory?: number;
}

function neurons(list: readonly One[], adex = false): KernelNeurons {
  const each = (value: (one: One) => number) => Float64Array.from(list, value);
  const none = each(() => 0);
  const tau = each((one) => one.tau ?? 6);
  return {
    count: list.length,
    group: new Uint8Array(list.length),
    tauMem: tau,
    tauSynExc: each(() => 6),
    tauSynInh: each(() => 6),
    leak: none,
    threshold: each((one) => one.threshold ?? 150),
    reset: none,
    refractory: each((one) => one.refractory ?? 1),
    noise: none,
    saturationExc: none,
    saturationInh: none,
    railLow: none,
    railHigh: none,
    ...(adex
      ? {
          adex: {
            expSlope: none,
            expThreshold: none,
            adaptTau: none,
            adaptA: none,
            adaptB: none,
            adaptLeak: none,
          },
        }
      : {}),
  };
}

describe("the step of the kernel", () => {
  it("is what was asked for where neurons are slow", () => {
    expect(kernelStep(neurons([{}, {}]), 0.75)).toBe(0.75);
    expect(kernelStep(neurons([]), 0.75)).toBe(0.75);
  });

  it("is a sixth of the shortest time constant, down to 0.05 us", () => {
    expect(kernelStep(neurons([{}, { tau: 3 }]), 0.75)).toBe(0.5);
    expect(kernelStep(neurons([{ tau: 0.6 }]), 0.75)).toBeCloseTo(0.1);
    expect(kernelStep(neurons([{ tau: 0.2 }]), 0.75)).toBe(0.05);
    expect(kernelStep(neurons([{ tau: 0.9 }]), 0.1)).toBe(0.1);
  });

  it("ends before the refractory time of neurons that can spike", () => {
    const held = neurons([{}, { refractory: 0.04 }]);
    expect(kernelStep(held, 0.75)).toBeLessThan(0.04);
    expect(kernelStep(held, 0.75)).toBeGreaterThan(0.03);
    const silent = neurons([{}, { refractory: 0.04, threshold: Number.POSITIVE_INFINITY }]);
    expect(kernelStep(silent, 0.75)).toBe(0.75);
  });

  it("is short for exponential and adaptive neurons", () => {
    expect(kernelStep(neurons([{}], true), 0.75)).toBe(0.25);
  });
});
