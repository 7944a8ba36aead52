/** `eventprop train` from pressing enter to the result, calibration stored: 100 epochs of the experiment. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readMetrics } from "../../dist/bench/parts.js";
import { runProgram, workFolder } from "../program.js";
import { summary } from "../statistics.js";
import { experimentFile, loadBench, planOf } from "../workload.js";

export async function run({ quick, folder }) {
  // Leaves the calibration in the working folder where none is stored.
  await planOf(loadBench("yin-yang").experiment);
  const epochs = quick ? 10 : 100;
  const runs = [];
  for (let repetition = 0; repetition < (quick ? 1 : 3); repetition++) {
    const out = join(workFolder(), "run");
    const set = ["--set", `training.epochs=${epochs}`];
    const used = await runProgram(
      ["train", experimentFile("yin-yang"), ...set, "--no-progress", "--out", out],
      folder,
    );
    const { testAccuracy } = JSON.parse(readFileSync(join(out, "result.json"), "utf8"));
    const train = readMetrics(join(out, "metrics.csv")).filter(({ split }) => split === "train");
    const spikes = train.reduce((sum, row) => sum + row.spikes_per_sample, 0) / epochs;
    runs.push({ ...used, testAccuracy, spikes });
  }
  return [
    {
      what: `train experiments/yin-yang.yaml, ${epochs} epochs, one worker per core`,
      unit: "s",
      cpu: summary(runs.map(({ cpu }) => cpu)),
      wall: summary(runs.map(({ wall }) => wall)),
      spikes: runs[0].spikes,
      note: `test accuracy ${(100 * runs[0].testAccuracy).toFixed(1)} %, peak memory ${Math.round(runs[0].peakMB)} MB`,
      ...(quick ? {} : { floor: 20, judged: "wall" }),
    },
  ];
}
