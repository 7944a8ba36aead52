import { describe, expect, test } from "vitest";
import { defaultConfig } from "../../../src/chip/default-config.ts";
import { NEURONS } from "../../../src/chip/limits.ts";
import { createAnalogNeurons } from "../../../src/chip/simulated/analog-neurons.ts";
import { effectsWith } from "../../../src/chip/simulated/effects.ts";
import {
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
