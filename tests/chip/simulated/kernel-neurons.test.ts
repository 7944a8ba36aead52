import { describe, expect, it, test } from "vitest";
import { defaultConfig } from "../../../src/chip/default-config.ts";
import type { KernelNeurons } from "../../../src/chip/kernel/kernel.ts";
import { NEURONS } from "../../../src/chip/limits.ts";
import { createAnalogNeurons } from "../../../src/chip/simulated/analog-neurons.ts";
import { effectsWith } from "../../../src/chip/simulated/effects.ts";
import {
  kernelStep,
  membraneNoise,
  railsOf,
  simulatedNeurons,
  varyNeurons,
} from "../../../src/chip/simulated/kernel-neurons.ts";

const effects = effectsWith({});
const rails = railsOf(effects, 1);
const analog = createAnalogNeurons(1, effects, 1, Float64Array.of(1, 1, 1, 1));
const config = defaultConfig();
config.neurons.thresholdOn.fill(1);
config.neurons.synExcOn.fill(1);
config.neurons.synInhOn.fill(1);
analog.setWords(config.neurons, config.quadrants, config.refractoryClocks, config.couplings);
for (let neuron = 0; neuron < NEURONS; neuron++) analog.refresh(neuron);

/** What a neuron among `ids` is in a run, by id. */
function inRun(
  ids: readonly number[],
  run: number,
  own = effects,
  program = 0,
): ReadonlyMap<number, readonly number[]> {
  const neurons = simulatedNeurons(
    Int32Array.from(ids),
    analog.parameters,
    () => 500,
    own,
    rails,
    1,
    undefined,
  );
  varyNeurons(neurons, own, rails, { seed: 7, run, program, noise: 1 });
  const { kernel, rest, strengthExc, strengthInh } = neurons;
  const varied = [kernel.leak, kernel.threshold, rest, strengthExc, strengthInh];
  return new Map(ids.map((neuron, i) => [neuron, varied.map((values) => values[i]!)]));
}

describe("what varies from run to run", () => {
  const all = Array.from({ length: NEURONS }, (_, neuron) => neuron);

  test("is the same for a neuron alone and among all", () => {
    const alone = [0, 1, 100, 255, 256, 510, 511].map((neuron) => {
      // So that nothing of the run is left from before.
      inRun(all, 2);
      return [neuron, inRun([neuron], 1).get(neuron)] as const;
    });
    inRun(all, 2);
    const among = inRun(all, 1);
    for (const [neuron, own] of alone) expect(own).toEqual(among.get(neuron));
  });

  test("differs between runs and neurons", () => {
    const [first, second] = [inRun([3, 4], 1), inRun([3, 4], 2)];
    const leak = analog.parameters.leak;
    const shift = (values: typeof first, neuron: number): number => values.get(neuron)![0]! - leak[neuron]!;
    expect(new Set([first, second].flatMap((run) => [shift(run, 3), shift(run, 4)])).size).toBe(4);
  });
});

describe("slow variation", () => {
  const all = Array.from({ length: NEURONS }, (_, neuron) => neuron);
  const still = { runLeakLsb: 0, runThresholdLsb: 0, runStrengthSpread: 0 };
  const leaks = (run: number, own: typeof effects, program = 0): number[] => {
    const varied = inRun(all, run, own, program);
    return all.map((neuron) => varied.get(neuron)![0]! - analog.parameters.leak[neuron]!);
  };
  const rms = (values: readonly number[]): number =>
    Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
  const distance = (a: readonly number[], b: readonly number[]): number =>
    rms(a.map((value, i) => value - b[i]!));

  test("drifts by its size over a thousand runs, and by little from one to the next", () => {
    const own = effectsWith({ ...still, driftLeakLsb: 2 });
    // 512 neurons: standard error 3 %.
    for (const run of [0, 250, 500, 999, 1000])
      expect(Math.abs(rms(leaks(run, own)) / 2 - 1)).toBeLessThan(0.13);
    expect(distance(leaks(0, own), leaks(5000, own))).toBeGreaterThan(2.4);
    expect(distance(leaks(999, own), leaks(1000, own))).toBeLessThan(0.01);
    expect(distance(leaks(500, own), leaks(501, own))).toBeLessThan(0.01);
    expect(rms(leaks(500, effectsWith(still)))).toBe(0);
  });

  test("shifts with every other programme, and not as long as it stays", () => {
    const own = effectsWith({ ...still, reprogramLeakLsb: 0.9 });
    expect(Math.abs(rms(leaks(1, own, 7)) / 0.9 - 1)).toBeLessThan(0.13);
    expect(leaks(1, own, 7)).toEqual(leaks(2, own, 7));
    expect(distance(leaks(1, own, 7), leaks(1, own, 8))).toBeGreaterThan(1);
  });
});

test("membrane noise grows with tau_mem and the conductance of the inputs, and is the leak's alone without them", () => {
  const { membraneNoiseLsb } = effects;
  expect(membraneNoise(effects, 6, 500)).toBeCloseTo(membraneNoiseLsb, 12);
  expect(membraneNoise(effects, 24, 1000)).toBeCloseTo(membraneNoiseLsb * Math.sqrt(0.5 + 0.5 * 8), 12);
  expect(membraneNoise(effects, 24, 0)).toBeCloseTo(membraneNoiseLsb * Math.SQRT1_2, 12);
});

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
