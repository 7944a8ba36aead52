/** Why an operation on a file failed, in words; the file is named by whoever says it. */

import { UserError } from "./errors.ts";

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "no permission",
  EPERM: "no permission",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the quota is used up",
  ENOENT: "there is no such file or folder",
  ENOTDIR: "part of its path is not a folder",
  EISDIR: "it is a folder",
  EEXIST: "it exists already",
  ENAMETOOLONG: "its name is too long",
  EIO: "the disk reports an error",
  EFBIG: "it would be larger than the file system or a limit allows",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open on this machine",
  ELOOP: "links in its path lead round in a circle",
  ENOTEMPTY: "the folder is not empty",
};

/** An error of the file system that nobody placed, for the user; undefined for other errors. */
export function unplacedFileError(cause: unknown): UserError | undefined {
  const reason = fileReason(cause);
  if (reason === undefined) return undefined;
  const { path, syscall } = cause as NodeJS.ErrnoException;
  const message = `${path ?? "a file"}: ${reason} (${syscall})`;
  return new UserError("file", message, { hint: "what was written before is kept", cause });
}

/** Undefined for errors that are not of the file system. */
export function fileReason(cause: unknown): string | undefined {
  if (!(cause instanceof Error) || !("syscall" in cause)) return undefined;
  return REASONS[(cause as NodeJS.ErrnoException).code ?? ""] ?? cause.message;
}
