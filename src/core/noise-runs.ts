/**
 * The numbers of runs (RunOptions.noiseKey) by which a simulated chip draws its noise. Each use has a range of its own, so
 * that no noise is seen twice: what was calibrated or trained on is not what is evaluated on.
 */

/** First number of each use, and the first one beyond it. */
export const NOISE_RUNS = {
  /** One number per update of the weights. */
  training: [0, 2 ** 29],
  study: [2 ** 29, 2 ** 30],
  /** Evaluations during a training. */
  evaluation: [2 ** 30, 3 * 2 ** 29],
  calibration: [3 * 2 ** 29, 2 ** 31],
  /** Repeats of an evaluation after the training. */
  repeat: [3 * 2 ** 30, 2 ** 32],
} as const satisfies Readonly<Record<string, readonly [number, number]>>;

export type NoiseUse = keyof typeof NOISE_RUNS;

/** The run number `index` (from 0) of a use. A use that needs more numbers than it has begins again with its first. */
export function noiseRun(use: NoiseUse, index: number): number {
  const [first, end] = NOISE_RUNS[use];
  return first + (index % (end - first));
}
