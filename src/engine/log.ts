/**
 * log.ndjson: what happened in a run, one JSON object per line. Written synchronously, so that the last line
 * before a crash is there; transports in worker threads lose lines at exit. A log that cannot be written any more,
 * because the disk is full, ends no run.
 */

import { join } from "node:path";
import { destination, type Logger, pino } from "pino";
import { fileError } from "../core/durable-files.ts";
import { fileReason } from "../core/file-reason.ts";
import type { Report } from "../core/progress.ts";
import { RUN_FILES } from "./run-folder.ts";

export interface Log extends Pick<Logger, "info" | "warn"> {
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
