/**
 * The sweep that is killed at random moments, here and on a cluster. EVENTPROP_KILLS=20 is the long form: 3 estimators,
 * 10 seeds, 2 simulated chips.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sweepFolderWith } from "../sweep/sweep-files.ts";

export const KILLS = Number(process.env["EVENTPROP_KILLS"] ?? 3);
const LONG = KILLS >= 20;
export const POINTS = LONG ? 3 * 10 * 2 : 3 * 2 * 2;
const EPOCHS = 4;

export const killedSweepFolder = (): string =>
  sweepFolderWith(
    `
base: base.yaml
grid:
  estimator: [{ kind: eventprop }, { kind: surrogate }, { kind: eventprop-grid }]
  chip.kind: [${LONG ? "simulated" : "ideal, software"}]
seeds: ${LONG ? 10 : 2}
chips: 2
`,
    EPOCHS,
  );

const TABLES = ["results.csv", "summary.csv", "comparisons.csv"];

/** What a sweep in the folder `out` has found, byte by byte. */
export const tablesOf = (folder: string): string[] =>
  TABLES.map((file) => readFileSync(join(folder, "out", file), "utf8"));
