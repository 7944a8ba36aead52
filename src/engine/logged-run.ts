/** What loggers get to know of a run: its experiment by path, and its rows of metrics.csv. */

import type { Experiment } from "../experiment/schema.ts";
import { openLoggers } from "../loggers/index.ts";
import type { LoggedRow, Logger } from "../loggers/types.ts";
import type { MetricsRow } from "./metrics.ts";

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
