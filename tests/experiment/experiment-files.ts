/** Experiment files in a folder of their own, for tests of what reads them. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { UserError } from "../../src/core/errors.ts";
import { withBases } from "../../src/experiment/shipped.ts";

/** A complete small experiment, one key per line: line numbers in tests count from its first line. */
export const SMALL = `name: small
data: { kind: yin-yang, trainSize: 20, validationSize: 5, testSize: 8 }
encoding: { kind: latency, bias: 2 us }
network:
  duration: 38 us
  populations:
    hidden: { model: lif, size: 10 }
    readout: { model: li, size: 3 }
  projections:
    input>hidden: { rows: 5, init: { mean: 1, std: 1 } }
    hidden>readout: { init: { mean: 0, std: 0.1 } }
chip: { kind: software }
loss: { kind: max-over-time }
training:
  epochs: 3
  batch: 5
`;

const SHIPPED = new URL("../../experiments/", import.meta.url);

/** Names of the experiments that ship; files with a base are sweeps over one of them. */
export function shippedExperiments(): string[] {
  const isSweep = (file: string): boolean => /^base:/m.test(readFileSync(new URL(file, SHIPPED), "utf8"));
  return readdirSync(SHIPPED).filter((file) => file.endsWith(".yaml") && !isSweep(file));
}

/** Whether the data of a shipped experiment are on this machine; some come with a package of the system. */
export function hasItsData(file: string): boolean {
  return withBases(fileURLToPath(new URL(file, SHIPPED))).every((path) => {
    const data = /path: (\/[^,\s]+)/.exec(readFileSync(path, "utf8"))?.[1];
    return data === undefined || existsSync(data);
  });
}

export interface ExperimentFiles {
  readonly folder: string;
  /** Writes a file and returns its absolute path. */
  write(name: string, content: string | Uint8Array): string;
}

/** A folder that is removed after the tests of the file that calls this. */
export function experimentFiles(): ExperimentFiles {
  const folder = mkdtempSync(join(tmpdir(), "eventprop-spec-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    write: (name, content) => {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    },
  };
}

/** The user error that `action` throws; fails when it throws none. */
export function userErrorOf(action: () => unknown): UserError {
  try {
    action();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("no error was thrown");
}
