/** Training runs of the built program that take a second: the smoke experiment, made smaller. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Outcome, Started } from "./program.ts";

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

/** Lines of a run's metrics.csv without the columns epoch_ms, chip_ms and host_ms. */
export function withoutTimings(folder: string): string[] {
  const lines = readFileSync(join(folder, "metrics.csv"), "utf8").trimEnd().split("\n");
  const kept = (lines[0] as string).split(",").map((name) => !name.endsWith("_ms"));
  return lines.map((line) =>
    line
      .split(",")
      .filter((_, column) => kept[column])
      .join(","),
  );
}

export function readJson(folder: string, file: string) {
  return JSON.parse(readFileSync(join(folder, file), "utf8"));
}

/** Sends a signal to a run as soon as its folder has more than `lines` lines of metrics; waits for its end. */
export async function interrupt(
  { child, ended }: Started,
  folder: string,
  lines: number,
  signal: NodeJS.Signals,
): Promise<Outcome> {
  const metrics = join(folder, "metrics.csv");
  const count = (): number => readFileSync(metrics, "utf8").split("\n").length - 1;
  while (child.exitCode === null && !(existsSync(metrics) && count() > lines))
    await new Promise((resolve) => setTimeout(resolve, 10));
  child.kill(signal);
  return ended;
}
