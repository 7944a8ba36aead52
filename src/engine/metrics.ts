/**
 * metrics.csv: one row per epoch and split. The columns are this table, then columns of each population and projection
 * (`PART_COLUMNS`); docs/run-folder.md explains them. Each row reaches the operating system before the next epoch
 * starts, so whatever ends the program leaves a readable file. A checkpoint counts on the rows before it: they are
 * flushed to the disk first, and the checkpoint keeps their length and digest.
 */

import { createHash } from "node:crypto";
import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { stringify } from "csv-stringify/sync";
import { fileError } from "../core/durable-files.ts";
import { fileReason, UserError } from "../core/errors.ts";
import type { Network } from "../network/network.ts";

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
  "samples",
  /** Samples without a prediction: no output answered; several outputs share the best score. */
  "unanswered",
  "tied",
  "inputs_per_sample",
  /** Sums over samples; null in software. See ObservationCost. */
  "dropped_inputs",
  "moved_inputs",
  "dropped_spikes",
  "stray_events",
  "early_spikes",
  "late_spikes",
  "cut_recordings",
  /** Share of batches whose gradient was shortened by training.clip; null without it. */
  "clipped_batches",
  /** Spikes pushed beyond the end of their sample by delays; null without delays. */
  "late_arrivals",
  /** Spikes of general models that the model itself makes earlier, and later or not at all; null without such models. */
  "model_early",
  "model_late",
] as const;

/** Columns of each part of the network, e.g. `hidden.silent_samples` and `input>hidden.gradient_norm`. */
export const PART_COLUMNS = {
  population: [
    "spikes_per_sample",
    /** Share of its neurons that did not spike in any sample. */
    "silent_neurons",
    /** Share of samples in which none of its neurons spiked. */
    "silent_samples",
  ],
  projection: [
    /** Root mean square, over batches, of the length of the gradient. */
    "gradient_norm",
    /** Share of batches in which every entry of the gradient was exactly zero. */
    "zero_gradients",
    /** Share of weights that are not zero but that the chip rounded to zero, and of those held at its limit. */
    "zeroed_weights",
    "limited_weights",
  ],
} as const;

/** Names of the part columns of a network, in the order of the file; populations that cannot spike have none. */
export function partColumns(network: Pick<Network, "populations" | "projections">): string[] {
  const spiking = network.populations.filter(({ model }) => model.spikes);
  return [
    ...spiking.flatMap(({ name }) => PART_COLUMNS.population.map((column) => `${name}.${column}`)),
    ...network.projections.flatMap(({ name }) =>
      PART_COLUMNS.projection.map((column) => `${name}.${column}`),
    ),
  ];
}

type Column = (typeof METRICS_COLUMNS)[number];

/** One row; null is an empty cell: not applicable to this split. */
export type MetricsRow = { readonly epoch: number; readonly split: string } & {
  readonly [K in Exclude<Column, "epoch" | "split">]: number | null;
} & {
  /** Cells of the part columns, by their names. */
  readonly parts: Readonly<Record<string, number | null>>;
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

const HEADER = METRICS_COLUMNS.join(",");

/**
 * Opens the table for appending; writes the header when the file is new.
 * @param parts names of the part columns
 * @param from goes on after this beginning; what follows it is cut off
 * @throws UserError("file") when it cannot be written, here and later, or does not begin with `from`
 */
export function openMetrics(path: string, parts: readonly string[], from?: MetricsMark): MetricsWriter {
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
  if (bytes === 0) write(headerOf(parts));
  return {
    append(row) {
      write(stringify([cellsOf(row, parts)]));
    },
    sync() {
      attempt(() => fsyncSync(file));
      return { bytes, sha256: hash.copy().digest("hex") };
    },
    close: () => closeSync(file),
  };
}

function headerOf(parts: readonly string[]): string {
  return `${[HEADER, ...parts].join(",")}\n`;
}

function cellsOf(row: MetricsRow, parts: readonly string[]): (string | null)[] {
  const values = [
    ...METRICS_COLUMNS.map((column) => row[column]),
    ...parts.map((name) => row.parts[name] ?? null),
  ];
  return values.map((value) => (typeof value === "number" ? String(value) : value));
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
  return readTable(path).rows;
}

function readTable(path: string): { readonly parts: readonly string[]; readonly rows: MetricsRow[] } {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new UserError("file", `cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
  const [header = "", ...lines] = text.split("\n").slice(0, -1);
  const parts = header
    .slice(HEADER.length + 1)
    .split(",")
    .filter((name) => name !== "");
  if (`${header}\n` !== headerOf(parts)) {
    throw new UserError("file", `${path} has other columns than this version writes`, {
      hint: "it was written by another version, or edited",
    });
  }
  const rows = lines.map((line, i) => {
    const cells = line.split(",");
    const row = {
      ...Object.fromEntries(
        METRICS_COLUMNS.map((column, c) => [column, column === "split" ? cells[c] : numberOf(cells[c])]),
      ),
      parts: Object.fromEntries(parts.map((name, c) => [name, numberOf(cells[METRICS_COLUMNS.length + c])])),
    } as unknown as MetricsRow;
    if (cells.length !== METRICS_COLUMNS.length + parts.length || !Number.isInteger(row.epoch)) {
      throw new UserError("file", `${path}:${i + 2} is not a row of metrics`);
    }
    return row;
  });
  return { parts, rows };
}

function numberOf(cell: string | undefined): number | null {
  return cell === undefined || cell === "" ? null : Number(cell);
}
