/**
 * Settings that the schema accepts, at its limits and at random: an experiment runs, or is refused in plain words; nothing
 * ends with a stack trace, out of memory, or not at all.
 *
 * EVENTPROP_SETTINGS=222 EVENTPROP_EXPERIMENTS=2500 EVENTPROP_SEED=1 npx vitest run --project slow tests/slow/settings
 */

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { UserError } from "../../src/core/errors.ts";
import { permutation, stream } from "../../src/core/random.ts";
import { runTraining } from "../../src/engine/training-run.ts";
import { loadExperiment } from "../../src/experiment/load.ts";
import { startEventprop } from "../cli/program.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { extremeExperiments, randomExperiment } from "../experiment/random-experiments.ts";

const SETTINGS = Number(process.env["EVENTPROP_SETTINGS"] ?? 8);
const EXPERIMENTS = Number(process.env["EVENTPROP_EXPERIMENTS"] ?? 60);
const SEED = Number(process.env["EVENTPROP_SEED"] ?? 1);
/** After so long a training has shown that it runs, and is asked to stop; then has to, however busy the machine is, ms. */
const RUNS = 4000;
const STOPS = 120_000;

const folder = temporaryFolder();
const count = <Key extends string | number>(into: Map<Key, number>, key: Key): void => {
  into.set(key, (into.get(key) ?? 0) + 1);
};

/** Whether the schema and all checks of the file accept it. */
function loads(text: string): boolean {
  writeFileSync(join(folder, "e.yaml"), text);
  try {
    loadExperiment("e.yaml", { folder });
    return true;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return false;
  }
}

test(`${SETTINGS} settings at the limits of the schema, in a training`, { timeout: 3_600_000 }, async () => {
  const all = extremeExperiments();
  expect(all.length).toBeGreaterThan(500);
  const order = permutation(all.length, stream(SEED, "settings"));
  const codes = new Map<number, number>();
  let tried = 0;
  for (let i = 0; i < all.length && tried < SETTINGS; i++) {
    const { name, text } = all[order[i]!]!;
    // What `validate` refuses is held in process by the fuzzer; here are those that begin.
    if (!loads(text)) continue;
    tried++;
    rmSync(join(folder, "run"), { recursive: true, force: true });
    const { child, ended } = startEventprop(["train", "e.yaml", "--out", "run", "-q"], {
      cwd: folder,
      timeout: RUNS + STOPS,
    });
    const stop = setTimeout(() => child.kill("SIGTERM"), RUNS);
    const { code, stderr } = await ended;
    clearTimeout(stop);
    const what = `${name}: exit code ${code}, ${stderr.slice(-2000)}`;
    expect(stderr, what).not.toMatch(/^\s+at |FATAL ERROR/m);
    // Done, stopped, or refused: the file, the chip, divergence. Null is no end within its time, or an abort.
    expect([0, 75, 143, 3, 4, 5, 6], what).toContain(code ?? (child.signalCode === "SIGTERM" ? 143 : -1));
    count(codes, code ?? -1);
  }
  process.stdout.write(`${tried} settings, exit codes ${JSON.stringify(Object.fromEntries(codes))}\n`);
});

test(`${EXPERIMENTS} random experiments, one batch each`, { timeout: 3_600_000 }, async () => {
  const ends = new Map<string, number>();
  for (let index = 0; index < EXPERIMENTS; index++) {
    const text = randomExperiment(stream(SEED, "experiment", index));
    writeFileSync(join(folder, "r.yaml"), text);
    const run = join(folder, `r-${index}`);
    try {
      const loaded = loadExperiment("r.yaml", { folder });
      const { result } = await runTraining({
        loaded,
        out: run,
        workers: 1,
        command: ["train"],
        started: new Date(),
        report: () => {},
        stopRequested: () => true,
        interruptedCode: () => 75,
      });
      count(ends, result.outcome);
    } catch (error) {
      if (!(error instanceof UserError)) throw new Error(`experiment ${index}: ${text}`, { cause: error });
      expect(error.exitCode, `experiment ${index}: ${error.message}`).not.toBe(1);
      expect(error.message).not.toMatch(/undefined|\[object|NaN/);
      count(ends, error.code);
    }
    rmSync(run, { recursive: true, force: true });
  }
  process.stdout.write(`${EXPERIMENTS} experiments, ${JSON.stringify(Object.fromEntries(ends))}\n`);
  // Some have to begin, or nothing is tested.
  expect((ends.get("interrupted") ?? 0) + (ends.get("finished") ?? 0)).toBeGreaterThan(EXPERIMENTS / 20);
});
