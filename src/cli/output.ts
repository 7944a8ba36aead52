/**
 * The two streams that a command writes to. Nothing that happens to them throws: a reader that leaves, or a device
 * that is full, is remembered; the end of the command decides what it means.
 */

import { fileReason } from "../core/errors.ts";

type Stream = typeof process.stdout | typeof process.stderr;

const failures = new Map<Stream, NodeJS.ErrnoException>();
let wroteResult = false;
let watched = false;

/** @param readerLeft called when the reader of stdout is gone */
export function watchOutput(readerLeft: () => void): void {
  if (watched) return;
  watched = true;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (failures.has(stream)) return;
      failures.set(stream, error);
      if (stream === process.stdout && error.code === "EPIPE") readerLeft();
    });
  }
}

export function writeResult(text: string): void {
  wroteResult = true;
  write(process.stdout, text);
}

export function writeTalk(text: string): void {
  write(process.stderr, text);
}

/** Whether a result was written to stdout. */
export function hasResult(): boolean {
  return wroteResult;
}

/** Why stdout did not take all that was written: its reader left, or a reason in words. */
export async function stdoutFailure(): Promise<"reader left" | { readonly reason: string } | undefined> {
  // Streams tell of failures later.
  await new Promise((resolve) => setImmediate(resolve));
  const error = failures.get(process.stdout);
  if (error === undefined) return undefined;
  return error.code === "EPIPE" ? "reader left" : { reason: fileReason(error) ?? error.message };
}

function write(stream: Stream, text: string): void {
  if (failures.has(stream)) return;
  try {
    stream.write(text);
  } catch (error) {
    failures.set(stream, error as NodeJS.ErrnoException);
  }
}

/**
 * Text with control characters made visible: names of files and keys of others may hold sequences that move the
 * cursor, change colors or send commands to a terminal. The form is that of JSON, so JSON keeps its meaning.
 */
export function harmless(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
