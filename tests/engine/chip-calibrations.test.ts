/** Which stored calibration a run takes, and what it says about it; measuring anew is the slow suite's. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { calibrationKey, saveCalibration } from "../../src/calibration/store.ts";
import { DEFAULT_TARGET } from "../../src/calibration/target.ts";
import { checkUsable, failureText } from "../../src/calibration/usable.ts";
import type { ProgressEvent } from "../../src/core/progress.ts";
import { chipCalibrations, saveRunCalibrations } from "../../src/engine/chip-calibrations.ts";
import { loadExperiment } from "../../src/experiment/load.ts";
import { SHIPPED, SHIPPED_PATH, SHIPPED_TEXT } from "../calibration/stored.ts";
import { SMALL } from "../experiment/experiment-files.ts";
import { temporaryFolder, userErrorOf } from "./temporary-folder.ts";

const folder = temporaryFolder();
const before = process.cwd();
const cacheBefore = process.env["XDG_CACHE_HOME"];
beforeAll(() => {
  process.chdir(folder);
  process.env["XDG_CACHE_HOME"] = join(folder, "cache");
});
afterAll(() => {
  process.chdir(before);
  process.env["XDG_CACHE_HOME"] = cacheBefore;
});

const CACHE = join(folder, "cache", "eventprop", "calibration");
const OWN = join(CACHE, `${calibrationKey("simulated-1", DEFAULT_TARGET)}.json`);
const FOR_BOTH = "calibration: simulated-1 for hidden, readout";

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

function writeExperiment(text: string, files: string): string {
  writeFileSync(
    "several.yaml",
    text.replace("{ kind: software }", `{ kind: simulated, seed: 1, calibration: [${files}] }`),
  );
  return "several.yaml";
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
    expect(told).toEqual([`${FOR_BOTH}: found in ${SHIPPED_PATH}`]);
  });

  it("are those of the user's cache before them", async () => {
    saveCalibration(OWN, { ...SHIPPED, strength: 0.2 });
    const { calibrations, told } = await calibrationsOf("{ kind: simulated, seed: 1 }");
    expect(calibrations.get("hidden")?.strength).toBe(0.2);
    expect(told).toEqual([`${FOR_BOTH}: found in ${OWN}`]);
  });

  it("are not those of the cache when these are damaged, which is said", async () => {
    mkdirSync(CACHE, { recursive: true });
    writeFileSync(OWN, SHIPPED_TEXT.slice(0, 3000));
    const { calibrations, told } = await calibrationsOf("{ kind: simulated, seed: 1 }");
    expect(calibrations.get("hidden")).toEqual(SHIPPED);
    expect(told[0]).toMatch(new RegExp(`^warning: ${OWN}.*damaged or cut off`));
    expect(told[1]).toBe(`${FOR_BOTH}: found in ${SHIPPED_PATH}`);
  });

  it("are the file that the experiment names, or nothing", async () => {
    saveCalibration("mine.json", { ...SHIPPED, strength: 0.3 });
    const { calibrations } = await calibrationsOf("{ kind: simulated, seed: 1, calibration: mine.json }");
    expect(calibrations.get("hidden")?.strength).toBe(0.3);
    await expect(calibrationsOf("{ kind: simulated, seed: 2, calibration: mine.json }")).rejects.toThrow(
      /mine\.json: belongs to chip simulated-1, not to simulated-2/,
    );
    await expect(
      calibrationsOf("{ kind: simulated, seed: 1, target: { threshold: 190 }, calibration: mine.json }"),
    ).rejects.toThrow(/mine\.json: has another target: threshold is 150 LSB, wanted is 190 LSB/);
  });

  it("are one of several files for each target", async () => {
    // Two populations with different times; the same words for both, since only who gets which matters here.
    const slow = { ...SHIPPED, target: { ...DEFAULT_TARGET, tauMem: 12 } };
    saveCalibration("slow.json", slow);
    saveCalibration("usual.json", SHIPPED);
    const mixed = SMALL.replace("readout: { model: li,", "readout: { model: li, tauMem: 12 us,");
    const { experiment } = loadExperiment(writeExperiment(mixed, "slow.json, usual.json"));
    const calibrations = await chipCalibrations(experiment, () => {});
    expect([...calibrations].map(([name, { target }]) => [name, target.tauMem])).toEqual([
      ["hidden", 6],
      ["readout", 12],
    ]);
    const { experiment: short } = loadExperiment(writeExperiment(mixed, "usual.json, mine.json"));
    await expect(chipCalibrations(short, () => {})).rejects.toThrow(
      /no calibration file fits simulated-1 for readout \(tauMem 12 us\): .*usual\.json: has another target/,
    );
  });

  it("are not used when they failed for most neurons, and are warned of when for many", () => {
    const failing = (count: number) => ({
      ...SHIPPED,
      success: SHIPPED.success.map((_, i) => (i < count ? 0 : 1)),
    });
    expect(userErrorOf(() => checkUsable(failing(300)))).toMatchObject({
      code: "calibration",
      exitCode: 4,
      message: expect.stringMatching(/^the calibration of simulated-1 failed for 300 of 512 neurons \(/),
    });
    checkUsable(failing(256));
    expect(failureText(failing(60))).toMatch(/failed for 60 of 512 neurons.*placement avoids them/);
    expect(failureText(SHIPPED)).toBeUndefined();
  });

  it("are stored once in the run folder when several populations share them", async () => {
    const { calibrations } = await calibrationsOf("{ kind: simulated, seed: 1 }");
    saveRunCalibrations(folder, calibrations);
    const { calibrations: again } = await calibrationsOf(
      "{ kind: simulated, seed: 1, calibration: calibration.json }",
    );
    expect(again.get("readout")).toEqual(SHIPPED);
  });
});
