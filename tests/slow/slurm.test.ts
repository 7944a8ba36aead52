/**
 * The scripts of `eventprop sweep --slurm` on a real SLURM: one task fails, one is killed, one runs into its time limit.
 * Where SLURM is not installed the test is skipped, and its name says why.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stream } from "../../src/core/random.ts";
import { eventprop } from "../cli/program.ts";
import { sweepFolderWith } from "../sweep/sweep-files.ts";
import { KILLS, killedSweepFolder, tablesOf } from "./killed-sweep.ts";
import { type Cluster, startCluster, whyNoCluster } from "./slurm-cluster.ts";

const missing = whyNoCluster();

/** Points 0 and 1 finish, 2 diverges; 3 and 4 are long, so that they can be stopped. */
const SWEEP = `
base: base.yaml
list:
  - { name: short, optimizer.learningRate: 1.0e-3 }
  - { name: other, optimizer.learningRate: 2.0e-3 }
  - { name: diverging, optimizer.learningRate: 1.0e+300 }
  - { name: timed out, training.epochs: 1500, training.checkpointEvery: 5 }
  - { name: killed, training.epochs: 1501, training.checkpointEvery: 5 }
seeds: 1
`;

const HOUR = 3_600_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.skipIf(missing !== undefined)(
  `a sweep on SLURM${missing === undefined ? "" : ` (skipped: ${missing})`}`,
  () => {
    let cluster: Cluster;
    beforeAll(async () => {
      cluster = await startCluster();
    }, 60_000);
    afterAll(() => cluster.stop());

    it("goes on after a failing, a killed and a timed-out task to the tables of a local sweep", async () => {
      const folder = sweepFolderWith(SWEEP, 2);
      const call = (...more: string[]) =>
        eventprop(["sweep", "sweep.yaml", "--out", "out", ...more], { cwd: folder, timeout: 600_000 });
      const written = call("--slurm", "--at-once", "2", "--time", "00:10:00");
      expect(written.code, written.stderr).toBe(0);
      expect(written.stdout.trim()).toBe("bash out/slurm/submit.sh");
      const last = cluster.run("bash", join(folder, "out", "slurm", "submit.sh")).trim();
      expect(last).toMatch(/^\d+$/);

      const points = Number(last) - 1;
      const states = (): Record<string, string> =>
        Object.fromEntries(
          (JSON.parse(call("--list", "--json").stdout) as { setting: string; state: string }[]).map(
            ({ setting, state }) => [setting, state],
          ),
        );
      const runFolder = (name: string): string => {
        const setting = readdirSync(join(folder, "out")).find((each) =>
          each.startsWith(name.replaceAll(" ", "_")),
        );
        return join(folder, "out", setting as string, "seed-1");
      };
      const untilCheckpoint = async (name: string): Promise<void> => {
        while (!existsSync(join(runFolder(name), "checkpoint.bin"))) await pause(100);
      };
      // What SLURM does two minutes before a time limit; waiting for a real one would take a minute more.
      await untilCheckpoint("timed out");
      cluster.run("scancel", "--signal=USR2", "--batch", `${points}_3`);
      await untilCheckpoint("killed");
      // As a user does it: the task must not come back by itself.
      cluster.run("scancel", `${points}_4`);

      // The one was put into the queue again, where SLURM lets it wait for two minutes; the test does not.
      const queued = (id: string): string => {
        try {
          return cluster.run("squeue", "--noheader", "--format=%T %r", "--jobs", id).trim();
        } catch {
          return "";
        }
      };
      while (!queued(`${points}_3`).startsWith("PENDING")) await pause(200);
      expect(states()).toMatchObject({
        short: "done",
        other: "done",
        diverging: "failed",
        "timed out": "interrupted",
        killed: "interrupted",
      });
      cluster.run("scontrol", "update", `JobId=${points}_3`, "StartTime=now");
      while (queued(last) !== "") await pause(500);
      expect(states()).toMatchObject({ "timed out": "done", killed: "interrupted" });
      expect(readFileSync(join(folder, "out", "slurm", "compare.log"), "utf8")).toMatch(/unfinished/);

      // The killed task waits for the user; the sweep on this machine goes on with it.
      expect(call("--quiet").code).toBe(5);
      const undisturbed = sweepFolderWith(SWEEP, 2);
      eventprop(["--quiet", "sweep", "sweep.yaml", "--out", "out"], { cwd: undisturbed, timeout: 600_000 });
      for (const table of ["results.csv", "summary.csv"])
        expect(readFileSync(join(folder, "out", table), "utf8")).toBe(
          readFileSync(join(undisturbed, "out", table), "utf8"),
        );
    });

    it(
      `gives the tables of an undisturbed sweep when ${KILLS} tasks are killed at random moments`,
      async () => {
        const folder = killedSweepFolder();
        const call = (...more: string[]) =>
          eventprop(["--quiet", "sweep", "sweep.yaml", "--out", "out", ...more], {
            cwd: folder,
            timeout: HOUR,
          });
        const queue = (...options: string[]): string[] => {
          try {
            const lines = cluster.run("squeue", "--noheader", "--array", ...options);
            return lines.split("\n").filter((line) => line !== "");
          } catch {
            return [];
          }
        };
        const running = (): string[] =>
          queue("--states=RUNNING", "--format=%i %j").filter((line) => /points$/.test(line));
        const moments = stream(1, "tests/kill-tasks");
        let killed = 0;
        // Each round queues what has not ended, as a user does who finds tasks killed.
        for (let round = 0; round <= KILLS; round++) {
          const written = call("--slurm", "--at-once", "2", "--time", "00:10:00");
          expect(written.code, written.stderr).toBe(0);
          if (written.stdout === "") break;
          cluster.run("bash", join(folder, "out", "slurm", "submit.sh"));
          while (queue("--format=%i").length > 0) {
            await pause(300 + 2000 * moments.uniform());
            const tasks = running();
            if (killed >= KILLS || tasks.length === 0) continue;
            const task = tasks[moments.below(tasks.length)]!.split(" ")[0]!;
            cluster.run("scancel", "--signal=KILL", "--full", task);
            killed++;
          }
        }
        expect(killed).toBe(KILLS);
        const last = call();
        expect(last.code, last.stderr).toBe(0);
        const undisturbed = killedSweepFolder();
        eventprop(["--quiet", "sweep", "sweep.yaml", "--out", "out"], { cwd: undisturbed, timeout: HOUR });
        expect(tablesOf(folder)).toEqual(tablesOf(undisturbed));
      },
      HOUR,
    );
  },
);
