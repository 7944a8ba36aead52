/** Training runs of the built program that take a second: the smoke experiment, made smaller. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const SMOKE = fileURLToPath(new URL("../../experiments/smoke.yaml", import.meta.url));

/** Arguments of `train` for a run of `epochs` epochs with 60 samples and 12 hidden neurons. */
export function tinyRun(
  kind: "software" | "ideal" | "simulated",
  epochs: number,
  ...more: string[]
): string[] {
  const values = {
    "data.trainSize": 60,
    "data.validationSize": 20,
    "data.testSize": 20,
    "network.populations.hidden.size": 12,
    "training.epochs": epochs,
    "training.checkpointEvery": 7,
    "chip.kind": kind,
  };
  return [
    "train",
    SMOKE,
    ...Object.entries(values).flatMap(([path, value]) => ["--set", `${path}=${value}`]),
    ...more,
  ];
}

/** Lines of a run's metrics.csv without epoch_ms, chip_ms and host_ms, the last three columns. */
export function withoutTimings(folder: string): string[] {
  return readFileSync(join(folder, "metrics.csv"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split(",").slice(0, -3).join(","));
}

export function readJson(folder: string, file: string) {
  return JSON.parse(readFileSync(join(folder, file), "utf8"));
}
