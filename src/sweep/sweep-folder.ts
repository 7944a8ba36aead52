/**
 * The folder of a sweep: `sweep.json`, one folder per setting with its whole experiment, and in it the run folders.
 *
 * sweep.json lists all points that were ever planned. A point keeps its index for good, so that a job array that was
 * queued yesterday still means the same points after the sweep file has grown; one that the file no longer describes
 * stays in the list, out of the plan, and its runs stay on disk.
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createFolder, writeAtomic, writeJson } from "../core/durable-files.ts";
import { UserError } from "../core/errors.ts";
import type { Chance, PlannedSearch, Sweep } from "./read-sweep.ts";
import type { Metric } from "./schema.ts";

export const SWEEP_FILES = {
  plan: "sweep.json",
  /** In the folder of a setting. */
  experiment: "experiment.yaml",
  results: "results.csv",
  summary: "summary.csv",
  comparisons: "comparisons.csv",
  ranking: "ranking.csv",
} as const;

export interface PlannedSetting {
  readonly label: string;
  readonly values: Readonly<Record<string, string>>;
  readonly axes: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly chance: Chance;
}

export interface PlannedPoint {
  /** Place in `settings`. */
  readonly setting: number;
  readonly seed: number;
  readonly chip: number | null;
  readonly folder: string;
  /** Whether the sweep file still describes it. */
  readonly planned: boolean;
}

export interface SweepPlan {
  readonly version: 1;
  readonly name: string;
  readonly metric: Metric;
  readonly search: PlannedSearch | null;
  readonly settings: readonly PlannedSetting[];
  readonly points: readonly PlannedPoint[];
}

/** The plan of `sweep`, with the points of an earlier plan in their places. */
export function planOf({ name, metric, search, settings, points }: Sweep, earlier?: SweepPlan): SweepPlan {
  const planned: PlannedSetting[] = [...(earlier?.settings ?? [])];
  const placeOf = (folder: string): number => planned.findIndex((setting) => setting.folder === folder);
  for (const { label, values, axes, folder, chance } of settings) {
    const place = placeOf(folder);
    if (place < 0) planned.push({ label, values, axes, folder, chance });
    else planned[place] = { label, values, axes, folder, chance };
  }
  const current = new Set(points.map(({ folder }) => folder));
  const kept = (earlier?.points ?? []).map((point) => ({ ...point, planned: current.has(point.folder) }));
  const known = new Set(kept.map(({ folder }) => folder));
  const added = points
    .filter(({ folder }) => !known.has(folder))
    .map(({ setting, seed, chip, folder }) => ({
      setting: placeOf(setting.folder),
      seed,
      chip,
      folder,
      planned: true,
    }));
  return { version: 1, name, metric, search: search ?? null, settings: planned, points: [...kept, ...added] };
}

/** The folder of a sweep when the command names none. */
export function sweepFolder(name: string): string {
  return join("sweeps", name);
}

/** Writes sweep.json and the experiment of each setting. @throws UserError("file") */
export function writePlan(folder: string, plan: SweepPlan, sweep: Sweep): void {
  for (const { folder: name, yaml } of sweep.settings) {
    createFolder(join(folder, name));
    const file = join(folder, name, SWEEP_FILES.experiment);
    if (!existsSync(file)) writeAtomic(file, yaml);
  }
  writeJson(join(folder, SWEEP_FILES.plan), plan);
}

/** Undefined when nothing was planned there yet. @throws UserError("file") when it is not a plan of this version */
export function readPlan(folder: string): SweepPlan | undefined {
  const path = join(folder, SWEEP_FILES.plan);
  if (!existsSync(path)) return undefined;
  let plan: Partial<SweepPlan>;
  try {
    plan = JSON.parse(readFileSync(path, "utf8")) as Partial<SweepPlan>;
  } catch (cause) {
    throw new UserError("file", `cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
  if (plan.version !== 1 || !Array.isArray(plan.points) || !Array.isArray(plan.settings))
    throw new UserError("file", `${path} is not a plan of this version`, {
      hint: "name another folder with --out, or run the version that wrote it",
    });
  return { search: null, ...plan } as SweepPlan;
}
