/**
 * A training that is killed again and again (SIGKILL, at random moments of its calibration, its start, its epochs, its
 * checkpoints and its resumes) ends with the bytes of one that was left alone, loses at most an epoch of work each time,
 * and leaves nothing half written.
 *
 * EVENTPROP_KILLS=200 EVENTPROP_SEED=7 npx vitest run --project slow tests/slow/kills
 */

import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { stream } from "../../src/core/random.ts";
import { readCheckpoint } from "../../src/engine/checkpoint.ts";
import { readMetrics } from "../../src/engine/metrics.ts";
import { eventprop, startEventprop } from "../cli/program.ts";
import { readJson, tinyRun, withoutTimings } from "../cli/tiny-runs.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

const KILLS = Number(process.env["EVENTPROP_KILLS"] ?? 12);
const SEED = Number(process.env["EVENTPROP_SEED"] ?? 7);
const EPOCHS = 60;
/** The longest life of a call, as a share of the time that a whole run takes. */
const LIFE = 0.8;
/** For one call of the program, on a machine that does other things too, ms. */
const PATIENCE = 600_000;

const cwd = temporaryFolder();
const at = (...path: string[]): string => join(cwd, ...path);

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

const below = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : [];

/** Half-written files and locks. */
const left = (...folders: string[]): string[] =>
  folders.flatMap(below).filter((path) => /^\.|^lock-|\.tmp$/.test(basename(path)));

/** What a call was doing when it was killed, as far as its traces tell. */
function moment(folder: string, wasThere: boolean): string {
  if (!existsSync(at(folder))) return "before the folder: start, calibration";
  const halves = below(at(folder)).filter((path) => path.endsWith(".tmp"));
  if (halves.some((path) => path.includes("checkpoint"))) return "in a checkpoint";
  if (halves.length > 0) return "in another file";
  if (!existsSync(at(folder, "checkpoint.bin"))) return "before the first checkpoint";
  return wasThere ? "in a call that goes on" : "in the first call";
}

const CHIP = 5;
/** Share of the kills, and whether each run that begins finds a calibration of its chip. */
const CASES = [
  ["software", "software", 5 / 12, true],
  ["a simulated chip", "simulated", 5 / 12, true],
  ["a simulated chip that is calibrated first", "simulated", 2 / 12, false],
] as const;
/** Of a run that was left alone, and the time it took, ms. */
const whole = new Map<string, { readonly outcome: unknown; readonly time: number }>();

describe.each(CASES)("on %s", (name, kind, share, calibrated) => {
  const kills = Math.ceil(share * KILLS);
  const cache = at(`cache-${calibrated ? kind : "of its own"}`);
  const env = { XDG_CACHE_HOME: cache };
  const begin = (folder: string) =>
    tinyRun(
      kind,
      EPOCHS,
      "--set",
      "training.checkpointEvery=1",
      "--set",
      "training.workers=2",
      ...(kind === "simulated" ? ["--set", `chip.seed=${CHIP}`] : []),
      "--out",
      folder,
    );
  /** Of one call from its start to its end. */
  function timeOf(folder: string): number {
    const start = performance.now();
    expect(eventprop(begin(folder), { cwd, env, timeout: PATIENCE }).code).toBe(0);
    return performance.now() - start;
  }

  it(`survives ${kills} kills`, { timeout: 3_600_000 }, async () => {
    const draws = stream(SEED, `kills/${name}`);
    if (!whole.has(kind)) {
      const first = timeOf(`${kind}-whole`);
      whole.set(kind, { outcome: outcome(`${kind}-whole`), time: first });
    }
    const { outcome: expected, time: withCalibration } = whole.get(kind)!;
    const life = LIFE * (calibrated && kind === "simulated" ? timeOf(`${name}-again`) : withCalibration);
    const moments: Record<string, number> = {};
    let done = 0;
    for (let run = 0; done < kills; run++) {
      const folder = `${name}-${run}`;
      if (!calibrated) rmSync(cache, { recursive: true, force: true });
      for (let ended = false; !ended; ) {
        const checkpoint = existsSync(at(folder, "checkpoint.bin"));
        // Without a checkpoint nothing was trained: the run begins anew.
        if (!checkpoint) rmSync(at(folder), { recursive: true, force: true });
        else expect(lostEpochs(folder)).toBeLessThanOrEqual(1);
        const { child, ended: end } = startEventprop(
          checkpoint ? ["train", "--resume", folder] : begin(folder),
          { cwd, env, timeout: PATIENCE },
        );
        const timer = setTimeout(() => child.kill("SIGKILL"), life * draws.uniform());
        // The last run may end in peace.
        if (done >= kills) clearTimeout(timer);
        const { code, stderr } = await end;
        clearTimeout(timer);
        if (code === null) {
          done++;
          const when = moment(folder, checkpoint);
          moments[when] = (moments[when] ?? 0) + 1;
        } else {
          expect([code, stderr]).toEqual([0, expect.anything()]);
          expect(left(at(folder), cache)).toEqual([]);
        }
        ended = code === 0;
      }
      expect(outcome(folder)).toEqual(expected);
      // After each run, because a long measurement may be cut off.
      process.stdout.write(`${name}: ${done} kills survived, ${JSON.stringify(moments)}\n`);
    }
  });
});
