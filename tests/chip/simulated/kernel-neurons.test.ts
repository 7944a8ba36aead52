import { describe, expect, test } from "vitest";
import { defaultConfig } from "../../../src/chip/default-config.ts";
import { NEURONS } from "../../../src/chip/limits.ts";
import { effectsWith } from "../../../src/chip/simulated/effects.ts";
import { railsOf, simulatedNeurons, varyNeurons } from "../../../src/chip/simulated/kernel-neurons.ts";
import { createNeuronDevice } from "../../../src/chip/simulated/neuron-device.ts";

const effects = effectsWith({});
const rails = railsOf(effects, 1);
const device = createNeuronDevice(1, effects, 1, Float64Array.of(1, 1, 1, 1));
const config = defaultConfig();
config.neurons.thresholdOn.fill(1);
config.neurons.synExcOn.fill(1);
config.neurons.synInhOn.fill(1);
device.setWords(config.neurons, config.quadrants, config.refractoryClocks);
for (let neuron = 0; neuron < NEURONS; neuron++) device.refresh(neuron);

/** What a neuron among `ids` is in a run, by id. */
function inRun(ids: readonly number[], run: number): ReadonlyMap<number, readonly number[]> {
  const neurons = simulatedNeurons(Int32Array.from(ids), device.parameters, effects, rails, 1, undefined);
  varyNeurons(neurons, effects, rails, { seed: 7, run, noise: 1 });
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
    const leak = device.parameters.leak;
    const shift = (values: typeof first, neuron: number): number => values.get(neuron)![0]! - leak[neuron]!;
    expect(new Set([first, second].flatMap((run) => [shift(run, 3), shift(run, 4)])).size).toBe(4);
  });
});
