import { describe, expect, test } from "vitest";
import { loadExperiment } from "../../src/experiment/load.ts";
import { calibrationTargets, networkOf, placementWishes } from "../../src/experiment/network.ts";
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
