/**
 * metrics.csv: one row per epoch and split. The columns are this table; each row reaches the operating system
 * before the next epoch starts, so whatever ends the program leaves a readable file.
 */

import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { stringify } from "csv-stringify/sync";
import { UserError } from "../core/errors.ts";
import { writeAtomic } from "./atomic-file.ts";
import { fileError } from "./file-error.ts";

/** Columns in their order. Means are over the samples of the row's split. */
export const METRICS_COLUMNS = [
  /** Epochs count from 1; 0 is the state before learning. */
  "epoch",
  "split",
  "loss",
  "loss_classification",
  "loss_regularization",
  /** Share of samples whose predicted class is their label. */
  "accuracy",
  "spikes_per_sample",
  /** Spiking neurons without a spike in all samples. */
  "silent_neurons",
  /** Weights too large for the substrate when the split was last run. */
  "saturated_weights",
  /** Adjoint jumps at spikes whose slope was below the floor. */
  "capped_jumps",
  /** Output neurons that gave nothing to judge, summed over samples. */
  "missing_outputs",
  "learning_rate",
  "bytes_observed_per_sample",
  "bytes_kept_per_sample",
  "bytes_observed_surrogate",
  "bytes_kept_surrogate",
  /** Wall time of the split. */
  "epoch_ms",
  /** Summed over workers: in the chip or simulator, and everything else. */
  "chip_ms",
  "host_ms",
] as const;

type Column = (typeof METRICS_COLUMNS)[number];

/** One row; null is an empty cell: not applicable to this split. */
export type MetricsRow = { readonly epoch: number; readonly split: string } & {
  readonly [K in Exclude<Column, "epoch" | "split">]: number | null;
};

export interface MetricsWriter {
  append(row: MetricsRow): void;
  close(): void;
}

const HEADER = `${METRICS_COLUMNS.join(",")}\n`;

/**
 * Opens the table for appending; writes the header when the file is new.
 * @throws UserError("file") when it cannot be written, here and in `append`
 */
export function openMetrics(path: string): MetricsWriter {
  const attempt = <T>(action: () => T): T => {
    try {
      return action();
    } catch (cause) {
      throw fileError(path, cause);
    }
  };
  const file = attempt(() => openSync(path, "a"));
  if (attempt(() => readFileSync(path, "utf8")) === "") attempt(() => writeFileSync(file, HEADER));
  return {
    append(row) {
      const cells = METRICS_COLUMNS.map((column) => {
        const value = row[column];
        return typeof value === "number" ? String(value) : value;
      });
      attempt(() => writeFileSync(file, stringify([cells])));
    },
    close: () => closeSync(file),
  };
}

/**
 * Rows of a metrics file. A last line without its newline is an interrupted write and is left out.
 * @throws UserError("file") when the file is missing, or is not a table of this version
 */
export function readMetrics(path: string): MetricsRow[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new UserError("file", `cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
  if (!text.startsWith(HEADER)) {
    throw new UserError("file", `${path} has other columns than this version writes`, {
      hint: "it was written by another version, or edited",
    });
  }
  const lines = text.slice(HEADER.length).split("\n").slice(0, -1);
  return lines.map((line, i) => {
    const cells = line.split(",");
    const row = Object.fromEntries(
      METRICS_COLUMNS.map((column, c) => [column, column === "split" ? cells[c] : numberOf(cells[c])]),
    ) as unknown as MetricsRow;
    if (cells.length !== METRICS_COLUMNS.length || !Number.isInteger(row.epoch)) {
      throw new UserError("file", `${path}:${i + 2} is not a row of metrics`);
    }
    return row;
  });
}

/**
 * Drops what was written after the checkpoint of epoch `lastEpoch`, so that a resumed run goes on without a seam:
 * later epochs, and the test, which comes after the last checkpoint.
 */
export function truncateMetrics(path: string, lastEpoch: number): void {
  const rows = readMetrics(path).filter(({ epoch, split }) => epoch <= lastEpoch && split !== "test");
  const kept = rows.map((row) => METRICS_COLUMNS.map((column) => row[column]?.toString() ?? null));
  writeAtomic(path, HEADER + stringify(kept));
}

function numberOf(cell: string | undefined): number | null {
  return cell === undefined || cell === "" ? null : Number(cell);
}
