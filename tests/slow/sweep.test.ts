/** A sweep that is killed at random moments ends with the same tables as one that nobody disturbed. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stream } from "../../src/core/random.ts";
import { eventprop, startEventprop } from "../cli/program.ts";
import { sweepFolderWith } from "../sweep/sweep-files.ts";
import { KILLS, killedSweepFolder, POINTS, tablesOf } from "./killed-sweep.ts";

/** Ends a process and all that it started, as a power cut would. */
function killAll(parent: number): void {
  // Linux lists the children of a thread; Node starts them from its first.
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8");
  for (const pid of [parent, ...children.split(" ").filter(Boolean).map(Number)]) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself in the meantime.
    }
  }
}

describe("a sweep", () => {
  it(`killed ${KILLS} times gives the tables of an undisturbed one`, async () => {
    const folder = killedSweepFolder();
    const call = ["--quiet", "sweep", "sweep.yaml", "--out", "out"];
    const undisturbed = killedSweepFolder();
    expect(eventprop(call, { cwd: undisturbed, timeout: 3_600_000 }).code).toBe(0);

    const moments = stream(1, "tests/kill");
    for (let kill = 0; kill < KILLS; kill++) {
      const { child, ended } = startEventprop(call, { cwd: folder, timeout: 3_600_000 });
      await new Promise((resolve) => setTimeout(resolve, 1500 + 9000 * moments.uniform()));
      if (child.pid !== undefined && child.exitCode === null) killAll(child.pid);
      await ended;
    }
    const last = eventprop(call, { cwd: folder, timeout: 3_600_000 });
    expect(last.code, last.stderr).toBe(0);
    expect(tablesOf(folder)).toEqual(tablesOf(undisturbed));
    // Nothing of the interrupted attempts was written over: what had no checkpoint stands beside.
    const names = readdirSync(join(folder, "out"), { recursive: true }).map(String);
    expect(names.filter((name) => /seed-\d+$/.test(name)).length).toBe(POINTS);
  }, 3_600_000);

  it("that searches by halving reads the test samples for the chosen point alone, also when it is killed", async () => {
    const search = `base: constant.yaml
search:
  kind: halving
  points: 4
  firstEpochs: 1
  factor: 2
  ranges:
    optimizer.learningRate: { range: [1.0e-4, 1.0e-1], scale: log }
`;
    const base = { "constant.yaml": "extends: base.yaml\nname: tiny\nschedule: { kind: constant }\n" };
    const call = ["--quiet", "sweep", "sweep.yaml", "--out", "out", "--jobs", "2"];
    const undisturbed = sweepFolderWith(search, 4, base);
    expect(eventprop(call, { cwd: undisturbed }).code).toBe(0);
    const folder = sweepFolderWith(search, 4, base);
    const moments = stream(2, "tests/kill");
    for (let kill = 0; kill < 3; kill++) {
      const { child, ended } = startEventprop(call, { cwd: folder });
      await new Promise((resolve) => setTimeout(resolve, 1500 + 5000 * moments.uniform()));
      if (child.pid !== undefined && child.exitCode === null) killAll(child.pid);
      await ended;
    }
    const last = eventprop(call, { cwd: folder });
    expect(last.code, last.stderr).toBe(0);
    const read = (place: string, file: string) => readFileSync(join(place, "out", file), "utf8");
    for (const file of ["ranking.csv", "results.csv"])
      expect(read(folder, file)).toBe(read(undisturbed, file));

    const ranking = read(folder, "ranking.csv").trim().split("\n").slice(1);
    // Four points for one epoch, two of them for two, one for four.
    expect(ranking.map((line) => line.split(",")[2])).toEqual(["4", "2", "1", "1"]);
    const names = readdirSync(join(folder, "out"), { recursive: true }).map(String);
    for (const name of names.filter((each) => each.endsWith("metrics.csv")))
      expect(read(folder, name)).not.toMatch(/^\d+,test,/m);
    expect(names.filter((name) => /evaluations\/test-[^/]*\/result\.json$/.test(name)).length).toBe(1);
    // The chosen point was trained as one that was never interrupted: its validation is that of a run of four epochs.
    const best = names.find((name) => /evaluations$/.test(name))!.replace(/\/evaluations$/, "");
    const straight = eventprop(
      ["-q", "train", join("out", best.replace(/\/seed-1$/, ""), "experiment.yaml"), "--out", "straight"],
      { cwd: folder },
    );
    expect(straight.code, straight.stderr).toBe(0);
    expect(readFileSync(join(folder, "straight", "weights.json"), "utf8")).toBe(
      read(folder, join(best, "weights.json")),
    );
  }, 300_000);

  it("keeps and counts a run that diverges, and says so with its exit code", () => {
    const folder = sweepFolderWith(
      "base: base.yaml\ngrid: { optimizer.learningRate: [1.0e-3, 1.0e+300] }\nseeds: 1\n",
    );
    const call = ["sweep", "sweep.yaml", "--out", "out", "--jobs", "1"];
    const first = eventprop(call, { cwd: folder });
    expect(first.code).toBe(5);
    expect(first.stderr).toMatch(/learningRate=1e\+300, seed 1: failed/);
    expect(first.stdout).toMatch(/failed/);
    const results = readFileSync(join(folder, "out", "results.csv"), "utf8");
    expect(results).toMatch(/,failed,diverged,,,,,/);
    // A second call runs nothing again.
    const second = eventprop(call, { cwd: folder });
    expect(second.stderr).toMatch(/2 of 2 runs have ended already/);
    expect(readFileSync(join(folder, "out", "results.csv"), "utf8")).toBe(results);
  });

  it("hands the signal of a user on, and goes on afterwards", async () => {
    const folder = sweepFolderWith("base: base.yaml\nseeds: 2\n", 2000);
    const call = ["sweep", "sweep.yaml", "--out", "out", "--jobs", "2"];
    const { child, ended } = startEventprop(call, { cwd: folder });
    const started = () => {
      try {
        return readdirSync(join(folder, "out"), { recursive: true }).filter((name) =>
          /metrics\.csv$/.test(String(name)),
        );
      } catch {
        return [];
      }
    };
    while (child.exitCode === null && started().length < 2)
      await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    expect(code, stderr).toBe(130);
    const listed = eventprop(["sweep", "sweep.yaml", "--out", "out", "--list", "--json"], { cwd: folder });
    expect(JSON.parse(listed.stdout)).toMatchObject([{ state: "interrupted" }, { state: "interrupted" }]);
  });
});
