/** Which stored calibration a run takes, and what it says about it; measuring anew is the slow suite's. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { calibrationKey, saveCalibration } from "../../src/calibration/store.ts";
import { DEFAULT_TARGET } from "../../src/calibration/target.ts";
import type { ProgressEvent } from "../../src/core/progress.ts";
import { chipCalibrations, saveRunCalibrations } from "../../src/engine/chip-calibrations.ts";
import { loadExperiment } from "../../src/experiment/load.ts";
import { SHIPPED, SHIPPED_PATH, SHIPPED_TEXT } from "../calibration/stored.ts";
import { SMALL } from "../experiment/experiment-files.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
const before = process.cwd();
beforeAll(() => process.chdir(folder));
afterAll(() => process.chdir(before));

const OWN = join("calibration", `${calibrationKey("simulated-1", DEFAULT_TARGET)}.json`);

async function calibrationsOf(chip: string) {
  writeFileSync("experiment.yaml", SMALL.replace("{ kind: software }", chip));
  const told: string[] = [];
  const report = (event: ProgressEvent): void => {
    if (event.kind === "phase") told.push(`${event.name}: ${event.detail}`);
    if (event.kind === "warning") told.push(`warning: ${event.message}`);
  };
  const { experiment } = loadExperiment("experiment.yaml");
  return { calibrations: await chipCalibrations(experiment, report), told };
}

describe("the calibrations of a run", () => {
  it("are none in software", async () => {
    const { calibrations, told } = await calibrationsOf("{ kind: software }");
    expect(calibrations.size).toBe(0);
    expect(told).toEqual([]);
  });

  it("are those that came with the program where nothing else is stored, one for all populations", async () => {
    const { calibrations, told } = await calibrationsOf("{ kind: simulated, seed: 1 }");
    expect([...calibrations.keys()]).toEqual(["hidden", "readout"]);
    expect(calibrations.get("hidden")).toBe(calibrations.get("readout"));
    expect(calibrations.get("hidden")).toEqual(SHIPPED);
    expect(told).toEqual([`calibration: stored, ${SHIPPED_PATH}`]);
  });

  it("are one's own before those", async () => {
    saveCalibration(OWN, { ...SHIPPED, strength: 0.2 });
    const { calibrations, told } = await calibrationsOf("{ kind: simulated, seed: 1 }");
    expect(calibrations.get("hidden")?.strength).toBe(0.2);
    expect(told).toEqual([`calibration: stored, ${OWN}`]);
  });

  it("are not one's own when these are damaged, which is said", async () => {
    mkdirSync("calibration", { recursive: true });
    writeFileSync(OWN, SHIPPED_TEXT.slice(0, 3000));
    const { calibrations, told } = await calibrationsOf("{ kind: simulated, seed: 1 }");
    expect(calibrations.get("hidden")).toEqual(SHIPPED);
    expect(told[0]).toMatch(new RegExp(`^warning: ${OWN}.*damaged or cut off`));
    expect(told[1]).toBe(`calibration: stored, ${SHIPPED_PATH}`);
  });

  it("are the file that the experiment names, or nothing", async () => {
    saveCalibration("mine.json", { ...SHIPPED, strength: 0.3 });
    const { calibrations } = await calibrationsOf("{ kind: simulated, seed: 1, calibration: mine.json }");
    expect(calibrations.get("hidden")?.strength).toBe(0.3);
    await expect(calibrationsOf("{ kind: simulated, seed: 2, calibration: mine.json }")).rejects.toThrow(
      /mine\.json: belongs to chip simulated-1, not to simulated-2/,
    );
    await expect(
      calibrationsOf("{ kind: simulated, seed: 1, target: { threshold: 150 }, calibration: mine.json }"),
    ).rejects.toThrow(/mine\.json: has another target: threshold is 190 LSB, wanted is 150 LSB/);
  });

  it("lie in the run folder once, whoever shares them", async () => {
    const { calibrations } = await calibrationsOf("{ kind: simulated, seed: 1 }");
    saveRunCalibrations(folder, calibrations);
    const { calibrations: again } = await calibrationsOf(
      "{ kind: simulated, seed: 1, calibration: calibration.json }",
    );
    expect(again.get("readout")).toEqual(SHIPPED);
  });
});
