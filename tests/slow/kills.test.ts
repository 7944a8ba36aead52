/**
 * A training that is killed again and again (SIGKILL, at random moments of its start, its epochs, its checkpoints and
 * its resumes) ends with the bytes of one that was left alone, and loses at most an epoch of work each time.
 *
 * EVENTPROP_KILLS=200 npx vitest run --project slow tests/slow/kills
 */

import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stream } from "../../src/core/random.ts";
import { readCheckpoint } from "../../src/engine/checkpoint.ts";
import { readMetrics } from "../../src/engine/metrics.ts";
import { eventprop, startEventprop } from "../cli/program.ts";
import { readJson, tinyRun, withoutTimings } from "../cli/tiny-runs.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

const KILLS = Number(process.env["EVENTPROP_KILLS"] ?? 12);
const EPOCHS = 60;
/** The longest life of a call, as a share of the time that a whole run takes. */
const LIFE = 0.8;
/** For one call of the program, on a machine that does other things too, ms. */
const PATIENCE = 600_000;

const cwd = temporaryFolder();
const at = (...path: string[]): string => join(cwd, ...path);
const draws = stream(7, "kills");

/** What a run came to, without times. */
function outcome(folder: string) {
  const {
    outcome: end,
    epochs,
    testAccuracy,
    testLoss,
    validationAccuracy,
    files,
  } = readJson(at(folder), "result.json");
  return {
    metrics: withoutTimings(at(folder)),
    weights: readFileSync(at(folder, "weights.json"), "utf8"),
    result: { end, epochs, testAccuracy, testLoss, validationAccuracy, files },
  };
}

/** Epochs in the table that the checkpoint does not hold: what is done again. */
function lostEpochs(folder: string): number {
  const trained = readMetrics(at(folder, "metrics.csv")).filter(({ split }) => split === "train");
  return (trained.at(-1)?.epoch ?? 0) - readCheckpoint(at(folder, "checkpoint.bin")).epoch;
}

describe.each(["software", "simulated"] as const)("on %s", (kind) => {
  const begin = (folder: string) =>
    tinyRun(
      kind,
      EPOCHS,
      "--set",
      "training.checkpointEvery=1",
      "--set",
      "training.workers=2",
      "--out",
      folder,
    );

  it(`survives ${KILLS / 2} kills`, { timeout: 3_600_000 }, async () => {
    const start = performance.now();
    expect(eventprop(begin(`${kind}-whole`), { cwd, timeout: PATIENCE }).code).toBe(0);
    const wholeTime = performance.now() - start;
    const whole = outcome(`${kind}-whole`);
    let kills = 0;
    for (let run = 0; kills < KILLS / 2; run++) {
      const folder = `${kind}-${run}`;
      for (let ended = false; !ended; ) {
        const checkpoint = existsSync(at(folder, "checkpoint.bin"));
        // Without a checkpoint nothing was trained: the run begins anew.
        if (!checkpoint) rmSync(at(folder), { recursive: true, force: true });
        else expect(lostEpochs(folder)).toBeLessThanOrEqual(1);
        const { child, ended: end } = startEventprop(
          checkpoint ? ["train", "--resume", folder] : begin(folder),
          {
            cwd,
            timeout: PATIENCE,
          },
        );
        const timer = setTimeout(() => child.kill("SIGKILL"), LIFE * wholeTime * draws.uniform());
        // The last run may end in peace.
        if (kills >= KILLS / 2) clearTimeout(timer);
        const { code, stderr } = await end;
        clearTimeout(timer);
        if (code === null) kills++;
        else expect([code, stderr]).toEqual([0, expect.anything()]);
        ended = code === 0;
      }
      expect(outcome(folder)).toEqual(whole);
      // No temporary files and no locks are left.
      const left = readdirSync(at(folder)).filter((name) => name.startsWith(".") || name.startsWith("lock-"));
      expect(left).toEqual([]);
    }
  });
});
