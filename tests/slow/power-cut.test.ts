/** What a power cut leaves of a run, at any moment: a run to go on with to the same bytes, or none at all. */

import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { stream } from "../../src/core/random.ts";
import { openResume } from "../../src/engine/resume.ts";
import { runTraining } from "../../src/engine/training-run.ts";
import { loadExperiment } from "../../src/experiment/load.ts";
import { withoutTimings } from "../cli/tiny-runs.ts";
import { diskAfterPowerCut, recordDisk, recordedSteps } from "../engine/recorded-disk.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { experimentFiles, SMALL } from "../experiment/experiment-files.ts";

vi.mock("node:fs", async (original) => {
  const { recordingFs } = await import("../engine/recorded-disk.ts");
  return recordingFs(await original<typeof import("node:fs")>());
});

/** Power cuts in the first call of a run, and as many in a call that goes on with it. */
const CUTS = Number(process.env["EVENTPROP_POWER_CUTS"] ?? 8);
const EPOCHS = 6;

const files = experimentFiles();
files.write("small.yaml", SMALL);
const folder = temporaryFolder();

function request(stopAfter = Number.POSITIVE_INFINITY) {
  let epochs = 0;
  return {
    workers: 1,
    command: ["train"],
    started: new Date(),
    report: ({ kind }: { kind: string }) => {
      if (kind === "step") epochs++;
    },
    stopRequested: () => epochs >= stopAfter,
    interruptedCode: () => 75,
  };
}

const load = () =>
  loadExperiment("small.yaml", {
    folder: files.folder,
    set: [`training.epochs=${EPOCHS}`, "training.checkpointEvery=2"],
  });
const goOn = (run: string) => {
  const resume = openResume({ folder: run, set: [], anyProgram: false });
  return runTraining({ ...request(), loaded: resume.loaded, resume });
};
const outcome = (run: string) => [withoutTimings(run), readFileSync(join(run, "weights.json"), "utf8")];

/** Cuts the power at random steps from `first` on, goes on with what is left, and compares. */
async function cutAndGoOn(disk: string, first: number, expected: unknown, seed: number): Promise<number> {
  const last = recordedSteps();
  const draws = stream(seed, "power cut");
  const draw = (): number => draws.uniform();
  let wentOn = 0;
  for (let cut = 0; cut < CUTS; cut++) {
    const at = first + Math.floor(draw() * (last - first + 1));
    const left = join(folder, `left-${seed}-${cut}`);
    diskAfterPowerCut(disk, left, at, draw);
    const run = join(left, "run");
    if (!existsSync(join(run, "checkpoint.bin"))) continue;
    // After a power cut the machine has started anew, which tells the lock of an earlier process; here it has not.
    for (const name of readdirSync(run)) if (name.startsWith("lock-")) rmSync(join(run, name));
    await goOn(run);
    expect(outcome(run), `after step ${at}`).toEqual(expected);
    wentOn++;
  }
  return wentOn;
}

it("holds for the first call, and for one that goes on", async () => {
  const whole = join(folder, "whole");
  await runTraining({ ...request(), loaded: load(), out: whole });
  const expected = outcome(whole);

  const disk = join(folder, "disk");
  recordDisk(disk);
  await runTraining({ ...request(3), loaded: load(), out: join(disk, "run") });
  recordDisk();
  const first = await cutAndGoOn(disk, 0, expected, 1);

  const before = recordedSteps();
  recordDisk(disk);
  await goOn(join(disk, "run"));
  recordDisk();
  expect(outcome(join(disk, "run"))).toEqual(expected);
  // From here on there is a checkpoint at every moment.
  expect(await cutAndGoOn(disk, before, expected, 2)).toBe(CUTS);
  expect(first).toBeGreaterThan(CUTS / 3);
});
