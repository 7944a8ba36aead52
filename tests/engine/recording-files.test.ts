import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseCsv } from "../../src/core/csv-text.ts";
import { openRecording } from "../../src/engine/recording-files.ts";
import { buildNetwork, type PopulationSpec } from "../../src/network/network.ts";
import {
  type Observation,
  pushSpike,
  pushVoltage,
  spikeList,
  voltageSamples,
} from "../../src/network/observation.ts";
import { temporaryFolder, userErrorOf } from "./temporary-folder.ts";

const root = temporaryFolder();
const population: Omit<PopulationSpec, "name"> = {
  model: "lif",
  size: 2,
  tauMem: 6,
  tauSynExc: 6,
  tauSynInh: 6,
  threshold: 1,
  reset: 0,
  refractory: 0,
};
const network = buildNetwork(
  1,
  [
    { ...population, name: "hidden" },
    { ...population, name: "readout", model: "li" },
  ],
  [],
  38,
);

function observation(): Observation {
  return { duration: 38, inputs: spikeList(1), spikes: spikeList(1), voltages: voltageSamples(1) };
}

function newFolder(name: string): string {
  const folder = join(root, name);
  mkdirSync(folder);
  return folder;
}

it("writes neurons by their number within the population, and doubles in full", () => {
  const folder = newFolder("full");
  const writer = openRecording(folder, network);
  const seen = observation();
  pushSpike(seen.spikes, 0.1 + 0.2, 1);
  pushSpike(seen.spikes, 1e-7, 3);
  pushVoltage(seen.voltages, 2, 2, -1 / 3);
  writer.append(7, seen);
  seen.spikes.count = 0;
  seen.voltages.count = 0;
  writer.append(8, seen);
  writer.finish();
  expect(readFileSync(join(folder, "spikes.csv"), "utf8")).toBe(
    "sample,population,neuron,time_us\n7,hidden,1,0.30000000000000004\n7,readout,1,1e-7\n",
  );
  expect(readFileSync(join(folder, "membrane.csv"), "utf8")).toBe(
    "sample,population,neuron,time_us,voltage\n7,readout,0,2,-0.3333333333333333\n",
  );
  expect(readdirSync(folder).sort()).toEqual(["membrane.csv", "spikes.csv"]);
});

it("writes long recordings completely", () => {
  const folder = newFolder("long");
  const writer = openRecording(folder, network);
  const seen = observation();
  for (let i = 0; i < 1000; i++) pushSpike(seen.spikes, i / 7, i % 4);
  for (let sample = 0; sample < 20; sample++) writer.append(sample, seen);
  writer.finish();
  const { rows } = parseCsv(readFileSync(join(folder, "spikes.csv"), "utf8"), "spikes.csv");
  expect(rows.length).toBe(20_000);
  rows.forEach(({ cells }, i) => {
    const k = i % 1000;
    expect(cells).toEqual([
      `${Math.floor(i / 1000)}`,
      k % 4 < 2 ? "hidden" : "readout",
      `${k % 2}`,
      `${k / 7}`,
    ]);
  });
});

it("leaves nothing behind when it is discarded, and no final name before it is finished", () => {
  const folder = newFolder("discarded");
  const writer = openRecording(folder, network);
  writer.append(0, observation());
  expect(readdirSync(folder)).not.toContain("spikes.csv");
  writer.discard();
  expect(readdirSync(folder)).toEqual([]);
});

it("says when it cannot be written", () => {
  expect(userErrorOf(() => openRecording(join(root, "none"), network)).code).toBe("file");
});
