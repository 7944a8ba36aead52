/**
 * The table of parameters that a calibration answers for, in the order of the final measurement: strengths build on time
 * constants. Targets, quality table, file format, `--check` and residual scatter follow from it. How the steps that find
 * the registers follow each other is in steps/index.ts.
 */

import { leak } from "./leak.ts";
import type { CalibratedParameter } from "./parameter.ts";
import { refractory } from "./refractory.ts";
import { reset } from "./reset.ts";
import { strengthExc, strengthInh } from "./strength.ts";
import { tauMem } from "./tau-mem.ts";
import { tauSynExc, tauSynInh } from "./tau-syn.ts";
import { threshold } from "./threshold.ts";

export const PARAMETERS: readonly CalibratedParameter[] = [
  tauMem,
  tauSynExc,
  tauSynInh,
  strengthExc,
  strengthInh,
  leak,
  reset,
  threshold,
  refractory,
];
