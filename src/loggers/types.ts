/**
 * The seam of loggers: files of a run in the form that other programs show. metrics.csv stays the truth: a logger gets
 * its rows, and when a run goes on it first brings its files to what metrics.csv holds.
 */

/** A row of metrics.csv. */
export interface LoggedRow {
  readonly epoch: number;
  readonly split: string;
  /** Numbers by column; columns without a number are left out. */
  readonly values: Readonly<Record<string, number>>;
}

export interface LoggedRun {
  /** Run folder; each logger has a folder of its own in it. */
  readonly folder: string;
  readonly name: string;
  /** The experiment by path, e.g. `optimizer.learningRate`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Rows that metrics.csv has already: none, or those of a run that goes on. */
  readonly rows: readonly LoggedRow[];
}

export type LoggedOutcome = "finished" | "interrupted" | "failed";

export interface Logger {
  append(row: LoggedRow): void;
  close(outcome: LoggedOutcome): void;
}

export interface LoggerMember {
  readonly kind: string;
  /** One line for `eventprop list` and for editors. */
  readonly summary: string;
  /** Files that are there from earlier are cut and filled up until they hold `rows`, each once. @throws UserError("file") */
  open(run: LoggedRun): Logger;
}

/** `loss/train`: programs group by what stands before the stroke. */
export function tagOf(column: string, split: string): string {
  return `${column}/${split}`;
}
