/**
 * What became of a run, read from its folder alone: schedulers forget, and processes die without a word.
 */

import { existsSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { type Outcome, readResult, type StoredResult } from "../engine/result.ts";
import { RUN_FILES } from "../engine/run-folder.ts";
import { lockRun } from "../engine/run-lock.ts";

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
  readonly result: StoredResult | null;
}

/** @throws UserError("file") when its result was changed */
export function runRecord(folder: string): RunRecord {
  const result = readResult(folder) ?? null;
  const outcome = result?.outcome ?? null;
  return { state: stateOf(folder, outcome), outcome, result };
}

function stateOf(folder: string, outcome: Outcome | null): RunState {
  if (outcome === "finished") return "done";
  if (outcome === "failed" || outcome === "diverged") return "failed";
  if (existsSync(join(folder, RUN_FILES.checkpoint))) return "interrupted";
  return existsSync(folder) && readdirSync(folder).length > 0 ? "lost" : "waiting";
}

/**
 * Moves a folder out of the way of a new beginning: `seed-3` → `seed-3.lost-1`. Returns its new name.
 * @throws UserError("file") when a process still writes there
 */
export function setAside(folder: string): string {
  const lock = lockRun(folder);
  try {
    for (let i = 1; ; i++) {
      const aside = `${folder}.lost-${i}`;
      if (existsSync(aside)) continue;
      renameSync(folder, aside);
      return aside;
    }
  } finally {
    lock.release();
  }
}
