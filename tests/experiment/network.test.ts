import { describe, expect, test } from "vitest";
import { loadExperiment } from "../../src/experiment/load.ts";
import {
  calibrationTargets,
  initialWeights,
  networkOf,
  placementWishes,
} from "../../src/experiment/network.ts";
import { experimentFiles, SMALL } from "./experiment-files.ts";

const files = experimentFiles();
files.write("e.yaml", SMALL);
const load = (set: readonly string[] = []) =>
  loadExperiment("e.yaml", { set, folder: files.folder }).experiment;

test("the network has the constants of the file, inhibitory as excitatory unless said", () => {
  const set = ["network.populations.hidden.tauSynInh=3us", "network.populations.readout.tauMem=12us"];
  const { constants, populations } = networkOf(load(set), 5);
  expect(populations.map(({ name, start, size }) => [name, start, size])).toEqual([
    ["hidden", 0, 10],
    ["readout", 10, 3],
  ]);
  expect([constants.tauSynExc[0], constants.tauSynInh[0]]).toEqual([6, 3]);
  expect([constants.tauMem[0], constants.tauMem[10], constants.tauSynInh[10]]).toEqual([6, 12, 6]);
  expect([constants.threshold[0], constants.threshold[10]]).toEqual([1, Number.POSITIVE_INFINITY]);
});

describe("initial weights", () => {
  const weightsOf = (set: readonly string[]) => {
    const experiment = load(set);
    return initialWeights(experiment, networkOf(experiment, 5));
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

describe("on a chip", () => {
  test("there are no targets in software", () => {
    expect(calibrationTargets(load())).toBeUndefined();
  });

  test("model potentials become LSB between leak and threshold", () => {
    const set = [
      "chip.kind=ideal",
      "chip.target.threshold=150",
      "network.populations.hidden.reset=-0.5",
      "network.populations.hidden.threshold=0.8",
    ];
    const target = calibrationTargets(load(set))?.get("hidden");
    // leak 80, threshold 150: one model unit is 70 LSB.
    expect(target).toMatchObject({
      leak: 80,
      reset: 45,
      synapseGm: 500,
      synapseDacBias: 1000,
      refractory: 1,
    });
    expect(target?.threshold).toBeCloseTo(136, 12);
  });

  test("a readout without threshold shares the calibration of the neurons that have one", () => {
    const targets = calibrationTargets(
      load(["chip.kind=ideal", "network.populations.hidden.refractory=2us"]),
    );
    expect(targets?.get("readout")).toEqual(targets?.get("hidden"));
  });

  test("halves of the chip are asked for by name", () => {
    expect(placementWishes(load())).toEqual({ constraints: {}, circuits: {} });
    const set = [
      "network.populations.hidden.hemisphere=bottom",
      "network.populations.readout.hemisphere=top",
    ];
    expect(placementWishes(load(set)).constraints).toEqual({ hidden: 1, readout: 0 });
  });
});
