/** Going on with a run, inside this process: what it takes, what it refuses, and what it leaves. */

import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { finishedResult, openResume } from "../../src/engine/resume.ts";
import { runTraining } from "../../src/engine/training-run.ts";
import { loadExperiment } from "../../src/experiment/load.ts";
import { withoutTimings } from "../cli/tiny-runs.ts";
import { SMALL } from "../experiment/experiment-files.ts";
import { temporaryFolder, userErrorOf } from "./temporary-folder.ts";

const folder = temporaryFolder();
const at = (...path: string[]): string => join(folder, ...path);
const rows = Array.from({ length: 30 }, (_, i) => `${(i * 7) % 10},${(i * 3) % 10},${i % 3}`);
const TABLE = `x,y,label\n${rows.join("\n")}\n`;
const EXPERIMENT = SMALL.replace(/^data: .*$/m, "data: { kind: table, path: data.csv, label: label }");

/** What `train` asks for; it stops after `epochs`. */
function request(epochs = Number.POSITIVE_INFINITY) {
  let done = 0;
  return {
    workers: 1,
    command: ["train"],
    started: new Date(),
    report: ({ kind }: { kind: string }) => {
      if (kind === "step") done++;
    },
    stopRequested: () => done >= epochs,
    interruptedCode: () => 75,
  };
}
const goOn = async (run: string, set: readonly string[] = []) => {
  const resume = openResume({ folder: run, set, anyProgram: false });
  return { notes: resume.notes, ...(await runTraining({ ...request(), loaded: resume.loaded, resume })) };
};
const json = (run: string, name: string) => JSON.parse(readFileSync(join(run, name), "utf8"));
const outcome = (run: string) => [
  withoutTimings(run),
  ...["weights.json", "observed.json"]
    .filter((name) => existsSync(join(run, name)))
    .map((name) => readFileSync(join(run, name), "utf8")),
];

/** A project with a finished and an interrupted run of the same experiment, copied for each test. */
beforeAll(async () => {
  mkdirSync(at("project"));
  writeFileSync(at("project", "data.csv"), TABLE);
  writeFileSync(at("project", "small.yaml"), EXPERIMENT);
  const loaded = loadExperiment(at("project", "small.yaml"), { set: ["training.epochs=4"] });
  await runTraining({ ...request(), loaded, out: at("project", "finished") });
  await runTraining({ ...request(2), loaded, out: at("project", "interrupted") });
}, 120_000);
let copies = 0;
/** The project at its place, with a copy of one of its runs. */
function copyOf(run: "finished" | "interrupted"): string {
  const copy = at("project", `${run}-${copies++}`);
  cpSync(at("project", run), copy, { recursive: true });
  return copy;
}

describe("going on", () => {
  it("ends as a run that was not interrupted, keeps the first call, and sums the time", async () => {
    const run = copyOf("interrupted");
    const first = json(run, "result.json");
    expect(first).toMatchObject({ ok: false, outcome: "interrupted" });
    const { result } = await goOn(run);
    expect(outcome(run)).toEqual(outcome(at("project", "finished")));
    expect(result.wallSeconds).toBeGreaterThan(first.wallSeconds / 2);
    const { exitCode, resumed } = json(run, "provenance.json");
    expect([exitCode, resumed.map((call: { exitCode: number }) => call.exitCode)]).toEqual([75, [0]]);
    expect(readdirSync(run).filter((name) => name.startsWith("lock-"))).toEqual([]);
  });

  it("finds data that moved with the project, takes data that --data names, and refuses other data", async () => {
    const run = copyOf("interrupted");
    renameSync(at("project"), at("moved"));
    try {
      const there = run.replace("project", "moved");
      const { notes } = await goOn(there);
      expect(notes).toEqual([
        expect.stringMatching(/data\.path is now .*moved.data\.csv, with the same content/),
      ]);
    } finally {
      renameSync(at("moved"), at("project"));
    }
    const other = copyOf("interrupted");
    renameSync(at("project", "data.csv"), at("elsewhere.csv"));
    try {
      expect(userErrorOf(() => openResume({ folder: other, set: [], anyProgram: false })).hint).toMatch(
        /--set data\.path=<file>/,
      );
      writeFileSync(at("changed.csv"), TABLE.replace("7,3,1", "7,3,2"));
      const before = readFileSync(join(other, "metrics.csv"), "utf8");
      const changed = userErrorOf(() =>
        openResume({ folder: other, set: [`data.path=${at("changed.csv")}`], anyProgram: false }),
      );
      expect([changed.exitCode, changed.message]).toEqual([
        6,
        expect.stringMatching(/changed\.csv \(data\.path\) does not hold the data that the run began with/),
      ]);
      expect(readFileSync(join(other, "metrics.csv"), "utf8")).toBe(before);
      await goOn(other, [`data.path=${at("elsewhere.csv")}`]);
    } finally {
      renameSync(at("elsewhere.csv"), at("project", "data.csv"));
    }
    expect(outcome(other)).toEqual(outcome(at("project", "finished")));
  });

  it("is refused while another process writes, and with another value", () => {
    const run = copyOf("interrupted");
    const first = openResume({ folder: run, set: [], anyProgram: false });
    expect(userErrorOf(() => openResume({ folder: run, set: [], anyProgram: false })).message).toMatch(
      /is in use by/,
    );
    first.lock.release();
    const other = userErrorOf(() =>
      openResume({ folder: run, set: ["training.epochs=9"], anyProgram: false }),
    );
    expect([other.code, other.hint]).toEqual([
      "usage",
      expect.stringMatching(/training\.workers and data\.path/),
    ]);
    expect(readdirSync(run).filter((name) => name.startsWith("lock-"))).toEqual([]);
  });
});

describe("making a run longer", () => {
  const LONGER = 6;
  const longer = (run: string, kill: (event: string) => void) => {
    const resume = openResume({ folder: run, set: [], anyProgram: false, epochs: LONGER });
    const { report } = request();
    return runTraining({
      ...request(),
      loaded: resume.loaded,
      resume,
      report: (event) => {
        kill(event.kind);
        report(event);
      },
    });
  };
  const whole = at("whole-longer");
  const constant = ["schedule={ kind: constant }", "training.checkpointEvery=100"];

  it("goes on to the new length after a kill, also when config.yaml still has the earlier one", async () => {
    const load = (epochs: number) =>
      loadExperiment(at("project", "small.yaml"), { set: [...constant, `training.epochs=${epochs}`] });
    await runTraining({ ...request(), loaded: load(LONGER), out: whole });
    const run = at("made-longer");
    await runTraining({ ...request(), loaded: load(2), out: run });
    const earlierConfig = readFileSync(join(run, "config.yaml"), "utf8");
    const killed = at("made-longer-killed");
    await longer(run, (kind) => {
      if (kind === "step" && !existsSync(killed)) cpSync(run, killed, { recursive: true });
    });
    for (const config of [readFileSync(join(killed, "config.yaml"), "utf8"), earlierConfig]) {
      const left = at(`left-${copies++}`);
      cpSync(killed, left, { recursive: true });
      writeFileSync(join(left, "config.yaml"), config);
      for (const name of readdirSync(left)) if (name.startsWith("lock-")) rmSync(join(left, name));
      expect(finishedResult(left, [])).toBeUndefined();
      const { notes } = await goOn(left);
      expect(notes.length).toBe(config === earlierConfig ? 1 : 0);
      expect(readFileSync(join(left, "weights.json"), "utf8")).toBe(
        readFileSync(join(whole, "weights.json"), "utf8"),
      );
      expect(finishedResult(left, [])).toMatchObject({ epochs: LONGER });
    }
  });

  it("has changed nothing when it is cut off before the first batch", () => {
    const run = copyOf("finished");
    const before = readdirSync(run).sort();
    const resume = openResume({ folder: run, set: [], anyProgram: false, epochs: LONGER });
    resume.lock.release();
    expect(readdirSync(run).sort()).toEqual(before);
    expect(finishedResult(run, [])).toMatchObject({ ok: true, epochs: 4 });
  });
});

describe("a finished run", () => {
  it("has nothing left to do, and loses what a killed process left", () => {
    const run = copyOf("finished");
    const before = readdirSync(run).sort();
    writeFileSync(join(run, ".weights.json.1.tmp"), "half");
    const gone = { process: 2 ** 30, host: hostname(), processStart: "", since: "then", held: true };
    writeFileSync(join(run, "lock-1-1.json"), JSON.stringify(gone));
    expect(finishedResult(run, [])).toMatchObject({ ok: true, epochs: 4 });
    expect(readdirSync(run).sort()).toEqual(before);
    expect(finishedResult(copyOf("interrupted"), [])).toBeUndefined();
  });

  it("is refused when the data, its files or a value are others", () => {
    const run = copyOf("finished");
    expect(userErrorOf(() => finishedResult(run, ["seed=3"])).code).toBe("usage");
    writeFileSync(at("project", "data.csv"), TABLE.replace("7,3,1", "7,3,2"));
    expect(userErrorOf(() => finishedResult(run, [])).message).toMatch(
      /does not hold the data that the finished run/,
    );
    writeFileSync(at("project", "data.csv"), TABLE);
    writeFileSync(join(run, "config.yaml"), `${readFileSync(join(run, "config.yaml"), "utf8")}# edited\n`);
    expect(userErrorOf(() => finishedResult(run, [])).message).toMatch(
      /config\.yaml was changed after the run/,
    );
    expect(existsSync(join(run, "result.json"))).toBe(true);
  });
});
