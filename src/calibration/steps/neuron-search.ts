/** Search of one neuron word on all neurons: what the steps for potentials, times and strengths have in common. */

import { CAPMEM_MAX, NEURONS } from "../../chip/limits.ts";
import { predictFromLine } from "../prediction.ts";
import { noisyBinarySearch, type SearchResult } from "../search.ts";
import type { CalibrationSession } from "../session.ts";

/**
 * How much averaging a measurement deserves: while steps are large, noise does not matter; probes of a line are
 * what the result is made of.
 */
export type Effort = "quick" | "normal" | "thorough";

/** Values at codes of the word, one per neuron. */
export type MeasureWord = (code: Uint16Array, effort: Effort) => Promise<Float64Array>;

/** Steps of a full-range search of at least this many codes are decided quickly. */
const LARGE_STEP = 32;
/** Binary search over the whole range of the word, for values that follow the code linearly: potentials. */
export async function searchRange(
  { draws }: CalibrationSession,
  goal: { readonly target: number; readonly falling?: boolean },
  measure: MeasureWord,
): Promise<SearchResult> {
  const options = { lowest: 0, highest: CAPMEM_MAX, target: perNeuron(goal.target), draws };
  return noisyBinarySearch({ ...options, falling: goal.falling === true }, (code, { increment }) =>
    measure(code, increment >= LARGE_STEP ? "quick" : "normal"),
  );
}

/** Probes of lines in ratios, as shares of the code. */
const WIDE = [-0.6, -0.35, 0, 0.55, 1.4];
const NARROW = [-0.12, -0.06, 0, 0.06, 0.12];

/**
 * For values that are powers of the code, time constants and strengths: a wide line around an expected code leads to
 * the place, a narrow one to the code. Neurons may differ from the expectation by a factor of three and more.
 */
export async function followPowerLaw(
  start: Uint16Array,
  target: number,
  measure: MeasureWord,
): Promise<SearchResult> {
  const options = {
    lowest: 0,
    highest: CAPMEM_MAX,
    target: perNeuron(target),
    relative: true,
    logarithmic: true,
  };
  const wide = await predictFromLine({ ...options, code: start, offsets: WIDE }, (code) =>
    measure(code, "normal"),
  );
  const line = { ...options, code: wide.code, offsets: NARROW };
  return predictFromLine(line, (code) => measure(code, "thorough"));
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
