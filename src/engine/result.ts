/**
 * result.json: the outcome of a run, so that scripts need not parse logs. It is written when a call that worked on
 * the run ends, whatever ended it; a run that goes on has none until then. It holds the digests of the files that are
 * read again later, and one of itself.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../core/errors.ts";
import { readSealed, sha256, writeSealed } from "../core/sealed-json.ts";
import { checkMetrics, type MetricsMark } from "./metrics.ts";
import { RUN_FILES } from "./run-folder.ts";
import type { UpdateTraffic } from "./trainer.ts";
import type { Warning } from "./warnings.ts";

export type Outcome = "finished" | "interrupted" | "diverged" | "failed";

export interface RunResult {
  readonly outcome: Outcome;
  /** Final accuracy on the test split, 0 … 1; null when the run did not get there. */
  readonly testAccuracy: number | null;
  readonly testLoss: number | null;
  readonly validationAccuracy: number | null;
  /** Epoch whose weights are kept and tested, where `training.best` asks for it; its validation is the one above. */
  readonly bestEpoch: number | null;
  /** Epochs that were completed. */
  readonly epochs: number;
  /** What the updates sent, where `training.update` keeps only words. */
  readonly updates?: UpdateTraffic;
  /** Of work, summed over all calls that worked on the run. */
  readonly wallSeconds: number;
  /** Seed of the run, and of the chip instance when there is one. */
  readonly seeds: { readonly run: number; readonly chip: number | null };
  /** Names of the classes, as the data has them: output neuron k stands for class k. */
  readonly classes: readonly string[];
  /** What can keep the network from learning, in the order in which it was seen; docs/when-it-does-not-learn.md. */
  readonly warnings: readonly Warning[];
  /** Why it stopped, when it did not finish. */
  readonly message?: string;
}

/** A result as it stands in the file. */
export interface StoredResult extends RunResult {
  readonly ok: boolean;
  /** SHA-256 of files of the run, by name. */
  readonly files: Readonly<Record<string, string>>;
  readonly metrics: MetricsMark | null;
}

/** Files whose content is fixed once the result is there. */
const DIGESTED = /^(config\.yaml|weights\.json|observed\.json|placement\.json|calibration(-\d+)?\.json)$/;

/** @throws UserError("file") */
export function writeResult(folder: string, result: RunResult): void {
  const names = readdirSync(folder).filter((name) => DIGESTED.test(name));
  const files = Object.fromEntries(
    names.sort().map((name) => [name, sha256(readFileSync(join(folder, name)))]),
  );
  const stored: StoredResult = {
    ok: result.outcome === "finished",
    ...result,
    files,
    metrics: metricsMark(join(folder, RUN_FILES.metrics)),
  };
  writeSealed(join(folder, RUN_FILES.result), { ...stored });
}

function metricsMark(path: string): MetricsMark | null {
  if (!existsSync(path)) return null;
  const content = readFileSync(path);
  return { bytes: content.length, sha256: sha256(content) };
}

/**
 * The result in a run folder; undefined when there is none.
 * @throws UserError("file") when it was changed
 */
export function readResult(folder: string): StoredResult | undefined {
  const path = join(folder, RUN_FILES.result);
  return existsSync(path) ? (readSealed(path) as unknown as StoredResult) : undefined;
}

/**
 * Holds files of a run folder against the digests in its result.json. A folder without one, which is that of a run
 * that goes on or was killed, or none of a run, has nothing to hold them against.
 * @throws UserError("file") naming a file that was changed
 */
export function checkRunFiles(folder: string, ...names: readonly string[]): void {
  const result = readResult(folder);
  if (result?.files === undefined) return;
  for (const name of names) {
    const path = join(folder, name);
    if (name === RUN_FILES.metrics && result.metrics !== null) checkMetrics(path, result.metrics);
    const digest = result.files[name];
    if (digest === undefined || !existsSync(path) || sha256(readFileSync(path)) === digest) continue;
    throw new UserError(
      "file",
      `${path} was changed after the run: its SHA-256 is not the one in result.json`,
      {
        hint: "restore it from a copy; to use changed content, copy the file to another folder",
      },
    );
  }
}
