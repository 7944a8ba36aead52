/** How long the program takes before it does anything: help, and until the first training batch begins. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readMetrics } from "../../dist/bench/parts.js";
import { runProgram, workFolder } from "../program.js";
import { summary } from "../statistics.js";
import { experimentFile, loadBench, planOf } from "../workload.js";

export async function run({ quick, folder }) {
  await planOf(loadBench("yin-yang").experiment);
  const repetitions = quick ? 3 : 11;
  return [await help(repetitions, folder), ...(await firstBatch(repetitions, folder))];
}

async function help(repetitions, folder) {
  const walls = [];
  const cpus = [];
  for (let i = 0; i < repetitions; i++) {
    walls.push(1000 * (await runProgram(["--help"], folder, false)).wall);
    cpus.push(1000 * (await runProgram(["--help"], folder)).cpu);
  }
  return {
    what: "eventprop --help",
    unit: "ms",
    cpu: summary(cpus),
    wall: summary(walls),
    spikes: null,
    floor: 150,
    judged: "wall",
  };
}

/** Seen from outside: when the log says that epoch 1 is over, less what the metrics say it and its evaluation took. */
async function firstBatch(repetitions, folder) {
  const rows = [];
  for (const workers of [1, 2]) {
    const walls = [];
    for (let i = 0; i < repetitions; i++) {
      const out = join(workFolder(), "run");
      const set = ["--set", "training.epochs=1", "--set", `training.workers=${workers}`];
      const { started } = await runProgram(
        ["train", experimentFile("yin-yang"), ...set, "--no-progress", "--out", out],
        folder,
        false,
      );
      const log = readFileSync(join(out, "log.ndjson"), "utf8").trim().split("\n").map(JSON.parse);
      const end = Date.parse(log.find(({ kind, done }) => kind === "step" && done === 1).time);
      const spent = readMetrics(join(out, "metrics.csv"))
        .filter(({ split }) => split !== "test")
        .reduce((sum, { epoch_ms }) => sum + epoch_ms, 0);
      walls.push(end - started - spent);
    }
    rows.push({
      what: `train: until the first batch begins, ${workers} worker${workers > 1 ? "s" : ""}`,
      unit: "ms",
      wall: summary(walls),
      spikes: null,
      floor: 1000,
      judged: "wall",
    });
  }
  return rows;
}
