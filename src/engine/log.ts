/**
 * log.ndjson: what happened in a run, one JSON object per line. Written synchronously, so that the last line
 * before a crash is there; transports in worker threads lose lines at exit.
 */

import { join } from "node:path";
import { destination, type Logger, pino } from "pino";
import { fileError } from "./file-error.ts";
import { RUN_FILES } from "./run-folder.ts";

export type { Logger };

/** Opens the log of a run folder. @throws UserError("file") */
export function openLog(folder: string, level: "debug" | "info" = "info"): Logger {
  const path = join(folder, RUN_FILES.log);
  try {
    // Without `base`, which would put the machine's name into every line.
    const options = { level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` };
    return pino(options, destination({ dest: path, sync: true }));
  } catch (cause) {
    throw fileError(path, cause);
  }
}
