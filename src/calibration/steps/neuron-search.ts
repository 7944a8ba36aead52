/** Search of one neuron word on all neurons: what the steps for potentials and time constants have in common. */

import { CAPMEM_MAX, NEURONS } from "../../chip/limits.ts";
import { predictFromLine } from "../prediction.ts";
import { noisyBinarySearch, type SearchResult } from "../search.ts";
import { type Effort, effortOf } from "./effort.ts";
import type { StepContext } from "./step.ts";

/** Values at codes of the word, one per neuron. */
export type MeasureWord = (code: Uint16Array, effort: Effort) => Promise<Float64Array>;

export interface NeuronSearch {
  readonly target: number | Float64Array;
  readonly falling?: boolean;
  /** Probes of the line that follows the search, around its result; none when absent. */
  readonly line?: readonly number[];
  /** Probes are shares of the code, not codes. */
  readonly relativeLine?: boolean;
  readonly logarithmic?: boolean;
}

/** Searches the whole range of the word, then draws a line through probes around the result. */
export async function searchWord(
  { bench }: StepContext,
  search: NeuronSearch,
  measure: MeasureWord,
): Promise<SearchResult> {
  const { target, falling = false, line = [] } = search;
  const targets = perNeuron(target);
  const options = { lowest: 0, highest: CAPMEM_MAX, target: targets, falling, draws: bench.draws };
  const found = await noisyBinarySearch(options, (code, step) => measure(code, effortOf(step)));
  if (line.length === 0) return found;
  return refineWord(found.code, search, measure);
}

/** Draws a line through probes around the codes so far. */
export async function refineWord(
  code: Uint16Array,
  { target, line = [], relativeLine = false, logarithmic = false }: NeuronSearch,
  measure: MeasureWord,
): Promise<SearchResult> {
  const options = {
    lowest: 0,
    highest: CAPMEM_MAX,
    target: perNeuron(target),
    code,
    offsets: line,
    relative: relativeLine,
    logarithmic,
  };
  return predictFromLine(options, (probe) => measure(probe, "thorough"));
}

function perNeuron(target: number | Float64Array): Float64Array {
  return typeof target === "number" ? new Float64Array(NEURONS).fill(target) : target;
}
