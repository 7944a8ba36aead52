/** Sweeps small enough for tests: their base is the smoke experiment with 60 samples and 12 hidden neurons. */

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SMOKE } from "../cli/tiny-runs.ts";

/** A new folder with `base.yaml`, `sweep.yaml` with this text, and more files. */
export function sweepFolderWith(
  sweep: string,
  epochs = 1,
  more: Readonly<Record<string, string>> = {},
): string {
  const folder = mkdtempSync(join(tmpdir(), "eventprop-sweep-"));
  const base = [
    `extends: ${SMOKE}`,
    "name: tiny",
    "data: { trainSize: 60, validationSize: 20, testSize: 20 }",
    "network: { populations: { hidden: { size: 12 } } }",
    `training: { epochs: ${epochs}, checkpointEvery: 2 }`,
    "chip: { kind: software }",
  ];
  writeFileSync(join(folder, "base.yaml"), `${base.join("\n")}\n`);
  writeFileSync(join(folder, "sweep.yaml"), sweep);
  for (const [name, text] of Object.entries(more)) writeFileSync(join(folder, name), text);
  return folder;
}
