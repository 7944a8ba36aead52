/**
 * A disk that fails at each moment of a command: no stack trace, an exit code that says so, and a folder with which one
 * can go on to the same result or begin anew.
 *
 * EVENTPROP_DISK_ERRORS=172 EVENTPROP_SEED=1 npx vitest run --project slow tests/slow/disk-errors
 */

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { stream } from "../../src/core/random.ts";
import { eventprop } from "../cli/program.ts";
import { tinyRun, withoutTimings } from "../cli/tiny-runs.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

const ERRORS = Number(process.env["EVENTPROP_DISK_ERRORS"] ?? 8);
const SEED = Number(process.env["EVENTPROP_SEED"] ?? 1);
const CODES = ["ENOSPC", "EIO", "EROFS", "EACCES", "EDQUOT"];
const DISK = fileURLToPath(new URL("../engine/failing-disk.mjs", import.meta.url));
/** For one call of the program, on a machine that does other things too, ms. */
const timeout = 300_000;

const cwd = temporaryFolder();
const at = (...path: string[]): string => join(cwd, ...path);
const begin = (folder: string) =>
  tinyRun(
    "simulated",
    3,
    "--set",
    "training.workers=1",
    "--set",
    "training.checkpointEvery=1",
    "--out",
    folder,
  );
const outcome = (folder: string) => [
  withoutTimings(at(folder)),
  readFileSync(at(folder, "weights.json"), "utf8"),
];

/** Runs the program on a disk that fails at one operation in `place`; returns how many operations there were. */
function onFailingDisk(args: readonly string[], place: string, failure: object) {
  const count = at("count");
  const disk = { root: at(place), count, ...failure };
  const env = { FAILING_DISK: JSON.stringify(disk), NODE_OPTIONS: `--import=${DISK}` };
  const result = eventprop(args, { cwd, timeout, env });
  return { ...result, operations: Number(readFileSync(count, "utf8")) };
}

const copyOf = (run: string) => () => cpSync(at(run), at("place/run"), { recursive: true });
const resume = ["train", "--resume", "place/run"];

/** Commands, each from a fresh copy of what it needs; the first two leave a run to go on with. */
const CASES = {
  "a new run": { prepare: () => {}, args: begin("place/run"), trains: true },
  "a run that goes on": { prepare: copyOf("stopped"), args: resume, trains: true },
  "an evaluation with recordings": {
    prepare: copyOf("whole"),
    args: ["evaluate", "place/run", "--record", "0-1"],
    trains: false,
  },
  "a report": {
    prepare: copyOf("whole"),
    args: ["report", "place/run", "--out", "place/page.html"],
    trains: false,
  },
} as const;

let whole: unknown;
beforeAll(() => {
  expect(eventprop(begin("whole"), { cwd, timeout }).code).toBe(0);
  whole = outcome("whole");
  const { operations } = onFailingDisk(begin("counted"), "counted", { at: 0 });
  // Fails after the first epochs, so that there is something to go on with.
  const stopped = onFailingDisk(begin("stopped"), "stopped", {
    at: Math.floor(0.7 * operations),
    code: "EIO",
  });
  expect([stopped.code, existsSync(at("stopped", "checkpoint.bin"))]).toEqual([6, true]);
}, 4 * timeout);

describe("a disk that fails", () => {
  it.each(Object.entries(CASES))(
    "during %s",
    (name, { prepare, args, trains }) => {
      const fresh = (): void => {
        rmSync(at("place"), { recursive: true, force: true });
        mkdirSync(at("place"));
        prepare();
      };
      fresh();
      const { code, operations } = onFailingDisk(args, "place", { at: 0 });
      expect(code).toBe(0);
      expect(operations).toBeGreaterThan(4);
      const draws = stream(SEED, `disk errors/${name}`);
      const share = Math.ceil(ERRORS / Object.keys(CASES).length);
      let refused = 0;
      for (let error = 0; error < share; error++) {
        // As evenly as possible over all operations of the command.
        const failure = {
          at: 1 + Math.floor(((error + draws.uniform()) * operations) / share),
          code: CODES[draws.below(CODES.length)],
          stays: draws.below(2) === 0,
        };
        const text = `${name}, ${JSON.stringify(failure)}`;
        fresh();
        const failed = onFailingDisk(args, "place", failure);
        expect(failed.stderr, text).not.toMatch(/^\s+at /m);
        expect([0, 3, 4, 6], `${text}: ${failed.stderr}`).toContain(failed.code);
        // What could not be written is said, also where it is an extra that fails nothing.
        if (failed.code !== 0) {
          expect(failed.stderr, text).toMatch(/^(error: |.*: error: )/m);
          refused++;
        }
        if (!trains) continue;
        const goesOn = existsSync(at("place/run/checkpoint.bin"));
        if (!goesOn) rmSync(at("place/run"), { recursive: true, force: true });
        const again = eventprop(goesOn ? resume : begin("place/run"), { cwd, timeout });
        expect([again.code, again.stderr], text).toEqual([0, expect.anything()]);
        expect(outcome("place/run"), text).toEqual(whole);
        const left = readdirSync(at("place/run")).filter((file) => /^\.|^lock-/.test(file));
        expect(left, text).toEqual([]);
      }
      process.stdout.write(
        `${name}: ${share} errors in ${operations} operations, ${refused} ended the command\n`,
      );
      expect(refused).toBeGreaterThan(share / 4);
    },
    3_600_000,
  );
});
