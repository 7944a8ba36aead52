/** Search of one neuron word on all neurons: what the steps for potentials, times and strengths have in common. */

import { CAPMEM_MAX, NEURONS } from "../../chip/limits.ts";
import { predictFromLine } from "../prediction.ts";
import { clamp, noisyBinarySearch, type SearchResult } from "../search.ts";
import type { Workbench } from "../workbench.ts";

/**
 * How much averaging a measurement deserves: while steps are large, noise does not matter; probes of a line are
 * what the result is made of.
 */
export type Effort = "quick" | "normal" | "thorough";

/** Values at codes of the word, one per neuron. */
export type MeasureWord = (code: Uint16Array, effort: Effort) => Promise<Float64Array>;

/** Steps of a full-range search of at least this many codes are decided quickly. */
const LARGE_STEP = 32;
/** Codes on each side of the middle of a search in ratios: 7 % apart at a reach of 8. */
const RATIOS = 31;
const LARGE_RATIO = 4;
/** Probes of the lines that follow such a search, as shares of the code. */
const WIDE = [-0.3, -0.15, 0, 0.15, 0.3];
const NARROW = [-0.12, -0.06, 0, 0.06, 0.12];

/** Binary search over the whole range of the word, for values that follow the code linearly: potentials. */
export async function searchRange(
  { draws }: Workbench,
  goal: { readonly target: number; readonly falling?: boolean },
  measure: MeasureWord,
): Promise<SearchResult> {
  const options = { lowest: 0, highest: CAPMEM_MAX, target: perNeuron(goal.target), draws };
  return noisyBinarySearch({ ...options, falling: goal.falling === true }, (code, { increment }) =>
    measure(code, increment >= LARGE_STEP ? "quick" : "normal"),
  );
}

/**
 * Search in ratios around an expected code, for values that are powers of the code: time constants and strengths. Wrong
 * by the reach at most, the expectation costs nothing; a step is the same share of the value anywhere. A coarse binary
 * search is followed by a wide line, which forgives its mistakes, and a narrow one.
 */
export async function searchRatios(
  { draws }: Workbench,
  goal: {
    readonly target: number;
    readonly falling: boolean;
    readonly expected: number;
    readonly reach: number;
  },
  measure: MeasureWord,
): Promise<SearchResult> {
  const { falling, expected, reach } = goal;
  const target = perNeuron(goal.target);
  const codeAt = (index: number): number =>
    clamp(Math.round(expected * reach ** ((index - RATIOS) / RATIOS)), 1, CAPMEM_MAX);
  const options = { lowest: 0, highest: 2 * RATIOS, target, falling, draws, dither: 1 };
  const found = await noisyBinarySearch(options, (index, { increment }) =>
    measure(index.map(codeAt), increment >= LARGE_RATIO ? "quick" : "normal"),
  );
  const line = { lowest: 0, highest: CAPMEM_MAX, target, relative: true, logarithmic: true };
  const wide = await predictFromLine({ ...line, code: found.code.map(codeAt), offsets: WIDE }, (code) =>
    measure(code, "normal"),
  );
  return predictFromLine({ ...line, code: wide.code, offsets: NARROW }, (code) => measure(code, "thorough"));
}

/** A line through probes around the codes so far, for values that follow the code linearly; distances in codes. */
export async function refineRange(
  code: Uint16Array,
  goal: { readonly target: number; readonly probes: readonly number[] },
  measure: MeasureWord,
): Promise<SearchResult> {
  const { probes: offsets } = goal;
  const options = { lowest: 0, highest: CAPMEM_MAX, target: perNeuron(goal.target), code, offsets };
  return predictFromLine(options, (probe) => measure(probe, "thorough"));
}

function perNeuron(target: number): Float64Array {
  return new Float64Array(NEURONS).fill(target);
}
