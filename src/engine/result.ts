/** result.json: the outcome of a run, so that scripts need not parse logs. Written at the end, in any case. */

import { join } from "node:path";
import { writeJson } from "./atomic-file.ts";
import { RUN_FILES } from "./run-folder.ts";

export type Outcome = "finished" | "interrupted" | "diverged" | "failed";

export interface RunResult {
  readonly outcome: Outcome;
  /** Final accuracy on the test split, 0 … 1; null when the run did not get there. */
  readonly testAccuracy: number | null;
  readonly testLoss: number | null;
  readonly validationAccuracy: number | null;
  /** Epochs that were completed. */
  readonly epochs: number;
  /** From the start of the command to this file. */
  readonly wallSeconds: number;
  /** Seed of the run, and of the chip instance when there is one. */
  readonly seeds: { readonly run: number; readonly chip: number | null };
  /** Why it stopped, when it did not finish. */
  readonly message?: string;
}

/** @throws UserError("file") */
export function writeResult(folder: string, result: RunResult): void {
  writeJson(join(folder, RUN_FILES.result), { ok: result.outcome === "finished", ...result });
}
