/** A failed write as a message about the file, instead of a stack trace. */

import { UserError } from "../core/errors.ts";
import { fileReason } from "../core/file-reason.ts";

/** What `cause` of a file operation on `path` means for the user; errors that are not of the file system pass. */
export function fileError(path: string, cause: unknown): Error {
  const reason = fileReason(cause);
  if (reason === undefined) return cause as Error;
  const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
  const message = `cannot write ${path}: ${missing ? "its folder does not exist" : reason}`;
  return new UserError("file", message, { cause });
}
