/** Rows of ../shared/reference/single-neuron.json, 50-digit arithmetic; none when the file is absent. */

import { existsSync, readFileSync } from "node:fs";

export interface ReferenceRow {
  readonly tauMem: number;
  readonly tauSyn: number;
  readonly threshold: number;
  readonly weight: number;
  /** µs; null: no spike. */
  readonly spikeTime: number | null;
  readonly dSpikeTime_dWeight: number | null;
}

const PATH = new URL("../../../../shared/reference/single-neuron.json", import.meta.url);
const present = existsSync(PATH);

export const REFERENCE_ROWS: readonly ReferenceRow[] = present
  ? (JSON.parse(readFileSync(PATH, "utf8")) as { rows: ReferenceRow[] }).rows
  : [];

export const REFERENCE_NAME = `single-neuron.json${present ? "" : " (reference data absent)"}`;
