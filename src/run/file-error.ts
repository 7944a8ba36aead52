/** A failed write as a message about the file, instead of a stack trace. */

import { UserError } from "../core/errors.ts";

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "no permission to write there",
  EPERM: "no permission to write there",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the quota is used up",
  ENOENT: "its folder does not exist",
  ENOTDIR: "part of its path is not a folder",
  EISDIR: "it is a folder",
  EEXIST: "it exists already",
  ENAMETOOLONG: "its name is too long",
};

/** What `cause` of a file operation on `path` means for the user; errors that are not of the file system pass. */
export function fileError(path: string, cause: unknown): Error {
  if (!(cause instanceof Error) || !("syscall" in cause)) return cause as Error;
  const reason = REASONS[(cause as NodeJS.ErrnoException).code ?? ""] ?? cause.message;
  return new UserError("file", `cannot write ${path}: ${reason}`, { cause });
}
