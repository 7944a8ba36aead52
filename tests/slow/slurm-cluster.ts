/**
 * A SLURM cluster of one node, in a folder of its own: real slurmctld, slurmd and munged from Debian (`apt-get install
 * slurmctld slurmd slurm-client munge`), without systemd. Needs root, as munge keys and slurmd do.
 */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

/** Why there can be no cluster here; undefined when there can. */
export function whyNoCluster(): string | undefined {
  for (const program of ["slurmctld", "slurmd", "munged", "sbatch"]) {
    try {
      execFileSync("sh", ["-c", `PATH=$PATH:/usr/sbin command -v ${program}`], { stdio: "ignore" });
    } catch {
      return `${program} is not installed (Debian: slurmctld slurmd slurm-client munge)`;
    }
  }
  return process.getuid?.() === 0 ? undefined : "only root can start the daemons";
}

export interface Cluster {
  /** For programs that talk to it. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs a client program, e.g. `squeue`. */
  run(program: string, ...args: readonly string[]): string;
  stop(): Promise<void>;
}

export async function startCluster(ports = 26_800 + (process.pid % 500) * 2): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), "slurm-"));
  chmodSync(folder, 0o755);
  const host = hostname().split(".")[0] as string;
  for (const name of ["state", "spool", "munge"]) mkdirSync(join(folder, name), { mode: 0o755 });
  const key = join(folder, "munge.key");
  writeFileSync(key, randomBytes(1024), { mode: 0o400 });
  const socket = join(folder, "munge", "socket");
  const config = join(folder, "slurm.conf");
  writeFileSync(
    config,
    `${[
      "ClusterName=test",
      `SlurmctldHost=${host}(127.0.0.1)`,
      "SlurmUser=root",
      "SlurmdUser=root",
      `SlurmctldPort=${ports}`,
      `SlurmdPort=${ports + 1}`,
      `AuthInfo=socket=${socket}`,
      `StateSaveLocation=${folder}/state`,
      `SlurmdSpoolDir=${folder}/spool`,
      `SlurmctldPidFile=${folder}/slurmctld.pid`,
      `SlurmdPidFile=${folder}/slurmd.pid`,
      `SlurmctldLogFile=${folder}/slurmctld.log`,
      `SlurmdLogFile=${folder}/slurmd.log`,
      "ProctrackType=proctrack/linuxproc",
      "TaskPlugin=task/none",
      "AccountingStorageType=accounting_storage/none",
      "JobAcctGatherType=jobacct_gather/none",
      "SelectType=select/cons_tres",
      "SelectTypeParameters=CR_Core",
      "SchedulerParameters=batch_sched_delay=0,sched_min_interval=0,bf_interval=1",
      "ReturnToService=2",
      "KillWait=5",
      "MpiDefault=none",
      `NodeName=${host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN`,
      `PartitionName=all Nodes=${host} Default=YES MaxTime=INFINITE State=UP`,
    ].join("\n")}\n`,
  );
  const env = { SLURM_CONF: config, PATH: `${process.env["PATH"]}:/usr/sbin` };
  const children: ChildProcess[] = [];
  const start = (program: string, ...args: readonly string[]): void => {
    children.push(spawn(program, args, { env: { ...process.env, ...env }, stdio: "ignore" }));
  };
  const run = (program: string, ...args: readonly string[]): string =>
    execFileSync(program, args, { env: { ...process.env, ...env }, encoding: "utf8", timeout: 30_000 });
  const stop = async (): Promise<void> => {
    const ends = children.map((child) => new Promise((resolve) => child.once("exit", resolve)));
    const running = children.map(({ exitCode }) => exitCode === null);
    for (const child of children.reverse()) child.kill("SIGTERM");
    await Promise.all(ends.filter((_, i) => running[i]));
    rmSync(folder, { recursive: true, force: true });
  };
  start(
    "munged",
    "--foreground",
    `--socket=${socket}`,
    `--key-file=${key}`,
    `--pid-file=${folder}/munge/pid`,
    `--log-file=${folder}/munge/log`,
    `--seed-file=${folder}/munge/seed`,
  );
  start("slurmctld", "-D", "-f", config);
  start("slurmd", "-D", "-f", config, "-N", host);
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      if (run("sinfo", "--noheader", "--format=%T").trim() === "idle") return { env, run, stop };
    } catch {
      // The controller does not answer yet.
    }
    if (Date.now() > deadline) {
      await stop();
      throw new Error("the cluster did not come up");
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
