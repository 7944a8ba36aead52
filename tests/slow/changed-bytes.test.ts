/**
 * One byte changed anywhere in a run folder: either whatever reads the file names it, or nothing that is read differs.
 *
 * EVENTPROP_CHANGES=1000 npx vitest run --project slow tests/slow/changed-bytes
 */

import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { loadCalibration } from "../../src/calibration/store.ts";
import { UserError } from "../../src/core/errors.ts";
import { stream } from "../../src/core/random.ts";
import { readMetrics } from "../../src/engine/metrics.ts";
import { checkRunFiles, readResult } from "../../src/engine/result.ts";
import { finishedResult, openResume } from "../../src/engine/resume.ts";
import { readWeights } from "../../src/engine/weights-file.ts";
import { loadExperiment } from "../../src/experiment/load.ts";
import { eventprop, startEventprop } from "../cli/program.ts";
import { interrupt, tinyRun } from "../cli/tiny-runs.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

const CHANGES = Number(process.env["EVENTPROP_CHANGES"] ?? 120);
/** For one call of the program, on a machine that does other things too, ms. */
const timeout = 600_000;
const cwd = temporaryFolder();
const at = (...path: string[]): string => join(cwd, ...path);

beforeAll(async () => {
  expect(eventprop(tinyRun("simulated", 3, "--out", "finished"), { cwd, timeout }).code).toBe(0);
  const run = tinyRun("simulated", 2000, "--set", "training.checkpointEvery=1", "--out", "interrupted");
  const begun = startEventprop(run, { cwd, timeout });
  expect((await interrupt(begun, at("interrupted"), 4, "SIGTERM")).code).toBe(75);
}, 2 * timeout);

/** All that commands read of a finished run: `evaluate`, `grad-check`, `--weights`, figures, `--resume`. */
function readFinished(folder: string): unknown {
  const result = finishedResult(folder, []);
  checkRunFiles(folder, "config.yaml", "calibration.json", "metrics.csv");
  const { experiment, components } = loadExperiment(join(folder, "config.yaml"));
  return {
    result,
    experiment,
    weights: readWeights(join(folder, "weights.json"), components.network),
    metrics: readMetrics(join(folder, "metrics.csv")),
    calibration: loadCalibration(join(folder, "calibration.json")),
  };
}

/** All that going on reads, and the weights of the interruption. */
function readInterrupted(folder: string): unknown {
  const result = readResult(folder);
  const resume = openResume({ folder, set: [], anyProgram: true });
  resume.lock.release();
  const { checkpoint, provenance, loaded, identity } = resume;
  const rows = readFileSync(join(folder, "metrics.csv")).subarray(0, checkpoint.metrics.bytes).toString();
  return {
    result,
    checkpoint,
    provenance,
    identity,
    rows,
    experiment: loaded.experiment,
    weights: readWeights(join(folder, "weights.json"), loaded.components.network),
    calibration: loadCalibration(join(folder, "calibration.json")),
  };
}

const FOLDERS = [
  ["finished", readFinished],
  ["interrupted", readInterrupted],
] as const;

describe.each(FOLDERS)("a byte changed in a run that is %s", (name, read) => {
  it("is found, or changes nothing that is read", { timeout: 1_800_000 }, () => {
    const folder = at(`changed-${name}`);
    cpSync(at(name), folder, { recursive: true });
    const expected = read(folder);
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((file) => join(folder, file))
      .filter((file) => statSync(file).isFile());
    const draws = stream(11, name);
    const counts = { found: 0, harmless: 0 };
    for (let change = 0; change < CHANGES / 2; change++) {
      // Each file in turn, so that large ones do not take all changes.
      const file = files[change % files.length] as string;
      const good = readFileSync(file);
      const bad = Buffer.from(good);
      const place = draws.below(bad.length);
      bad[place] = bad[place]! ^ (1 << draws.below(8));
      writeFileSync(file, bad);
      let seen: unknown;
      try {
        seen = read(folder);
        counts.harmless++;
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        counts.found++;
        seen = expected;
      }
      expect(seen, `${file}, byte ${place}`).toEqual(expected);
      writeFileSync(file, good);
    }
    // Logs, figures and the source of the experiment are not read again; all other files are.
    expect(counts.found).toBeGreaterThan(counts.harmless / 2);
    process.stdout.write(
      `${name}: ${counts.found} found, ${counts.harmless} without effect, of ${CHANGES / 2}\n`,
    );
  });
});
