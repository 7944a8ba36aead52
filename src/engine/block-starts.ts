/**
 * How the samples of a job are cut into blocks: block b holds samples starts[b] … starts[b + 1] − 1. It follows from the
 * number of samples alone, so sums over blocks do not depend on who works on them.
 */

const EVALUATION_BLOCK = 50;
/** Samples of an evaluation that are sent at once. */
export const EVALUATION_JOB = 2000;
/** A block of a batch takes so much of what is left, but no less than so many samples. */
const SHARE = 1 / 6;
const SMALLEST = 2;

/** Of a training batch: large blocks first and small ones last, so that all participants end nearly together. */
export function batchStarts(samples: number): number[] {
  return cut(samples, (left) => Math.max(SMALLEST, Math.ceil(SHARE * left)));
}

export function evaluationStarts(samples: number): number[] {
  return cut(samples, () => EVALUATION_BLOCK);
}

/** Samples of an evaluation that are sent as one job, a whole number of runs so that no run is cut in two. */
export function evaluationJob(runSize: number, largestJob: number): number {
  return runSize * Math.max(1, Math.floor(largestJob / runSize));
}

/** A piece of an evaluation that one participant runs: samples from … to−1, in run number `run`. */
export interface EvaluationPiece {
  readonly from: number;
  readonly to: number;
  readonly run: number;
}

/** All pieces of an evaluation of `size` samples, in order, cut and numbered as in training. */
export function evaluationPieces(size: number, runSize: number, firstRun: number): EvaluationPiece[] {
  const job = evaluationJob(runSize, Math.max(runSize, EVALUATION_JOB));
  const pieces: EvaluationPiece[] = [];
  for (let start = 0; start < size; start += job) {
    const starts = evaluationStarts(Math.min(job, size - start));
    for (let block = 0; block + 1 < starts.length; block++) {
      const from = starts[block]!;
      const run = firstRun + start / runSize + Math.floor(from / runSize);
      pieces.push({ from: start + from, to: start + starts[block + 1]!, run });
    }
  }
  return pieces;
}

function cut(samples: number, sizeOf: (left: number) => number): number[] {
  const starts = [0];
  for (let from = 0; from < samples; starts.push(from)) {
    from = Math.min(samples, from + sizeOf(samples - from));
  }
  return starts;
}
