/** A folder for the files of one test file, removed at its end. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { UserError } from "../../src/core/errors.ts";

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "eventprop-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The UserError that `action` throws; anything else fails the test. */
export function userErrorOf(action: () => unknown): UserError {
  try {
    action();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("no error was thrown");
}
