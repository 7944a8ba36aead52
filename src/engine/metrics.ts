/**
 * metrics.csv: one row per epoch and split. The columns are this table; each row reaches the operating system
 * before the next epoch starts, so whatever ends the program leaves a readable file. A checkpoint counts on the rows
 * before it: they are flushed to the disk first, and the checkpoint keeps their length and digest.
 */

import { createHash } from "node:crypto";
import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { stringify } from "csv-stringify/sync";
import { fileError } from "../core/durable-files.ts";
import { UserError } from "../core/errors.ts";
import { fileReason } from "../core/file-reason.ts";

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

/** The beginning of the table as it was at some time: its length in bytes, and its SHA-256. */
export interface MetricsMark {
  readonly bytes: number;
  readonly sha256: string;
}

export interface MetricsWriter {
  append(row: MetricsRow): void;
  /** Flushes all rows to the disk; returns what stands there now. */
  sync(): MetricsMark;
  close(): void;
}

const HEADER = `${METRICS_COLUMNS.join(",")}\n`;

/**
 * Opens the table for appending; writes the header when the file is new.
 * @param from goes on after this beginning; what follows it is cut off
 * @throws UserError("file") when it cannot be written, here and later, or does not begin with `from`
 */
export function openMetrics(path: string, from?: MetricsMark): MetricsWriter {
  const attempt = <T>(action: () => T): T => {
    try {
      return action();
    } catch (cause) {
      throw fileError(path, cause);
    }
  };
  if (from !== undefined) checkMetrics(path, from);
  const file = attempt(() => openSync(path, "a"));
  if (from !== undefined) attempt(() => ftruncateSync(file, from.bytes));
  const before = attempt(() => readFileSync(path));
  const hash = createHash("sha256").update(before);
  let bytes = before.length;
  const write = (text: string): void => {
    attempt(() => writeFileSync(file, text));
    hash.update(text);
    bytes += Buffer.byteLength(text);
  };
  if (bytes === 0) write(HEADER);
  return {
    append(row) {
      const cells = METRICS_COLUMNS.map((column) => {
        const value = row[column];
        return typeof value === "number" ? String(value) : value;
      });
      write(stringify([cells]));
    },
    sync() {
      attempt(() => fsyncSync(file));
      return { bytes, sha256: hash.copy().digest("hex") };
    },
    close: () => closeSync(file),
  };
}

/**
 * Whether a table begins as it did when a checkpoint was written. Writes nothing.
 * @throws UserError("file") when the file is missing, was cut, or was changed
 */
export function checkMetrics(path: string, { bytes, sha256 }: MetricsMark): void {
  const hint = "restore it from a copy; the checkpoint counts on its rows";
  let content: Uint8Array;
  try {
    content = readFileSync(path);
  } catch (cause) {
    throw new UserError("file", `cannot read ${path}: ${fileReason(cause) ?? String(cause)}`, {
      hint,
      cause,
    });
  }
  if (content.length < bytes)
    throw new UserError("file", `${path} was cut: it has ${content.length} bytes, ${bytes} were written`, {
      hint,
    });
  const digest = createHash("sha256").update(content.subarray(0, bytes)).digest("hex");
  if (digest !== sha256)
    throw new UserError("file", `${path} was changed after it was written: its digest does not match`, {
      hint,
    });
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

function numberOf(cell: string | undefined): number | null {
  return cell === undefined || cell === "" ? null : Number(cell);
}
