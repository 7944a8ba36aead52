/**
 * Reference data of this project, computed in 50 or more digits by programs that share nothing with `src`; and the
 * fingerprints of the published Yin-Yang arrays. Each file says what it holds. They are part of the repository, so
 * tests that use them never skip.
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type GradientCase, parseCases } from "../../src/gradcheck/reference/case-file.ts";

export function referencePath(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Cases in the format of `grad-check reference`. */
export function referenceCases(
  name: "network-gradients.json" | "adversarial-cases.json",
): readonly GradientCase[] {
  return parseCases(readFileSync(referencePath(name), "utf8"), name);
}

/** One neuron with one input at 0. Times in µs. */
export interface SingleNeuronRow {
  readonly tauMem: number;
  readonly tauSyn: number;
  readonly threshold: number;
  readonly weight: number;
  /** null: no spike. */
  readonly spikeTime: number | null;
  readonly dSpikeTime_dWeight: number | null;
}

export function singleNeuronRows(): readonly SingleNeuronRow[] {
  const text = readFileSync(referencePath("single-neuron.json"), "utf8");
  return (JSON.parse(text) as { readonly rows: readonly SingleNeuronRow[] }).rows;
}
