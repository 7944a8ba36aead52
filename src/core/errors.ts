/**
 * Errors that a user can act on. Everything else that is thrown is a bug and keeps its stack.
 *
 * Each code is documented in docs/errors.md and belongs to one exit code of the command line.
 */

/** Closed list of what can go wrong for a user, with the exit code of each. */
export const EXIT_CODE = {
  usage: 2,
  "experiment-syntax": 3,
  "experiment-schema": 3,
  "experiment-physics": 3,
  "input-file": 3,
  placement: 3,
  compatibility: 3,
  chip: 4,
  calibration: 4,
  diverged: 5,
  "gradient-claim": 5,
  file: 6,
  worker: 1,
} as const;

export type ErrorCode = keyof typeof EXIT_CODE;

/** A position in a text file; line and column count from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The offending line, for the frame under the message. */
  readonly text?: string;
  /** Characters to underline from `column` on; 1 when absent. */
  readonly length?: number;
}

export interface UserErrorDetails {
  /** What to do about it, one sentence. */
  readonly hint?: string;
  readonly where?: SourcePosition;
  readonly cause?: unknown;
  /** Further errors found in the same go, e.g. other wrong lines of the same file. */
  readonly also?: readonly UserError[];
}

export class UserError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly where: SourcePosition | undefined;
  readonly also: readonly UserError[];

  constructor(code: ErrorCode, message: string, details: UserErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.name = "UserError";
    this.code = code;
    this.hint = details.hint;
    this.where = details.where;
    this.also = details.also ?? [];
  }

  get exitCode(): number {
    return EXIT_CODE[this.code];
  }
}

// Errors of the file system in words ------------------------------------------------------------------------

// Why an operation on a file failed, in words. The caller adds the name of the file.

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

/** An error of the file system that no caller explained, for the user; undefined for other errors. */
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
