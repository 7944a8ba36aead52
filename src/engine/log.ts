/**
 * log.ndjson: what happened in a run, one JSON object per line. Written synchronously, so that the last line
 * before a crash is there; transports in worker threads lose lines at exit. A log that cannot be written any more,
 * because the disk is full, ends no run.
 */

import { join } from "node:path";
import { destination, type Logger as Pino, pino } from "pino";
import { fileError } from "../core/durable-files.ts";
import { fileReason } from "../core/errors.ts";
import type { Report } from "../core/progress.ts";
import type { Experiment } from "../experiment/schema.ts";
import { openLoggers } from "../loggers/index.ts";
import type { LoggedRow, Logger } from "../loggers/types.ts";
import type { MetricsRow } from "./metrics.ts";
import { RUN_FILES } from "./run-folder.ts";

export interface Log extends Pick<Pino, "info" | "warn"> {
  close(): void;
}

/**
 * Opens the log of a run folder.
 * @param report hears once when lines are lost from then on
 * @throws UserError("file")
 */
export function openLog(folder: string, report: Report): Log {
  const path = join(folder, RUN_FILES.log);
  try {
    const file = destination({ dest: path, sync: true });
    let lost = false;
    file.on("error", (cause: unknown) => {
      if (lost) return;
      lost = true;
      const message = `${path} goes on without further lines: ${fileReason(cause) ?? String(cause)}`;
      report({ kind: "warning", message });
    });
    // Without `base`, which would put the machine's name into every line.
    const options = { base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` };
    const logger = pino(options, file);
    const attempt = (write: () => void): void => {
      try {
        if (!lost) write();
      } catch (cause) {
        file.emit("error", cause);
      }
    };
    return {
      info: (...line: unknown[]) => attempt(() => (logger.info as (...line: unknown[]) => void)(...line)),
      warn: (...line: unknown[]) => attempt(() => (logger.warn as (...line: unknown[]) => void)(...line)),
      close: () => attempt(() => file.end()),
    };
  } catch (cause) {
    throw fileError(path, cause);
  }
}

// Loggers ---------------------------------------------------------------------------------------------------

// What loggers get to know of a run: its experiment by path, and its rows of metrics.csv.

export function openRunLoggers(experiment: Experiment, folder: string, rows: readonly MetricsRow[]): Logger {
  const { log, ...training } = experiment.training;
  const parameters: Record<string, string> = {};
  flatten({ ...experiment, training }, "", parameters);
  return openLoggers(log, { folder, name: experiment.name, parameters, rows: rows.map(loggedRow) });
}

/** Columns that have no number in this row are left out, and so are times: they are of the machine, not of the run. */
export function loggedRow({ epoch, split, parts, ...columns }: MetricsRow): LoggedRow {
  const values = Object.entries({ ...columns, ...parts }).flatMap(([column, value]) =>
    value === null || column.endsWith("_ms") ? [] : [[column, value] as const],
  );
  return { epoch, split, values: Object.fromEntries(values) };
}

function flatten(value: unknown, path: string, into: Record<string, string>): void {
  if (value !== null && typeof value === "object") {
    for (const [key, inner] of Object.entries(value))
      flatten(inner, path === "" ? key : `${path}.${key}`, into);
  } else into[path] = String(value);
}
