/**
 * What became of a run, read from its folder alone: schedulers forget, and processes die without a word.
 */

import { existsSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { type MetricsRow, readMetrics } from "../engine/metrics.ts";
import type { Outcome, RunResult } from "../engine/result.ts";
import { RUN_FILES } from "../engine/run-folder.ts";

/**
 * - `waiting`: not begun.
 * - `done`: finished.
 * - `failed`: ended by an error, or diverged; kept as it is.
 * - `interrupted`: has a checkpoint to go on from.
 * - `lost`: was ended before its first checkpoint; has to begin anew.
 */
export type RunState = "waiting" | "done" | "failed" | "interrupted" | "lost";

export interface RunRecord {
  readonly state: RunState;
  readonly outcome: Outcome | null;
  readonly result: RunResult | null;
}

export function runRecord(folder: string): RunRecord {
  const result = readResult(folder);
  const outcome = result?.outcome ?? null;
  return { state: stateOf(folder, outcome), outcome, result };
}

function stateOf(folder: string, outcome: Outcome | null): RunState {
  if (outcome === "finished") return "done";
  if (outcome === "failed" || outcome === "diverged") return "failed";
  if (existsSync(join(folder, RUN_FILES.checkpoint))) return "interrupted";
  return existsSync(folder) && readdirSync(folder).length > 0 ? "lost" : "waiting";
}

/** A result is written whole or not at all; what cannot be read is none. */
function readResult(folder: string): RunResult | null {
  try {
    return JSON.parse(readFileSync(join(folder, RUN_FILES.result), "utf8")) as RunResult;
  } catch {
    return null;
  }
}

/** The last row of each split; none when the run wrote no metrics. */
export function lastRows(folder: string): ReadonlyMap<string, MetricsRow> {
  const path = join(folder, RUN_FILES.metrics);
  if (!existsSync(path)) return new Map();
  return new Map(readMetrics(path).map((row) => [row.split, row]));
}

/** Moves a folder out of the way of a new beginning: `seed-3` → `seed-3.lost-1`. Returns its new name. */
export function setAside(folder: string): string {
  for (let i = 1; ; i++) {
    const aside = `${folder}.lost-${i}`;
    if (existsSync(aside)) continue;
    renameSync(folder, aside);
    return aside;
  }
}
