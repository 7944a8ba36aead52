/** The table of loggers: `training.log` of an experiment file. */

import { mlflow } from "./mlflow.ts";
import { tensorboard } from "./tensorboard.ts";
import type { LoggedRun, Logger, LoggerMember } from "./types.ts";

export const LOGGERS = [tensorboard, mlflow] as const satisfies readonly LoggerMember[];
export type LoggerKind = (typeof LOGGERS)[number]["kind"];

/** All loggers that are asked for, as one. */
export function openLoggers(kinds: readonly LoggerKind[], run: LoggedRun): Logger {
  const loggers = LOGGERS.filter(({ kind }) => kinds.includes(kind)).map((member) => member.open(run));
  return {
    append: (row) => {
      for (const logger of loggers) logger.append(row);
    },
    close: (outcome) => {
      for (const logger of loggers) logger.close(outcome);
    },
  };
}
