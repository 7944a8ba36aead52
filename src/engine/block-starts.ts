/**
 * How the samples of a job are cut into blocks: block b holds samples starts[b] … starts[b + 1] − 1. It follows from the
 * number of samples alone, so sums over blocks do not depend on who works on them.
 */

const EVALUATION_BLOCK = 50;
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

function cut(samples: number, sizeOf: (left: number) => number): number[] {
  const starts = [0];
  for (let from = 0; from < samples; starts.push(from)) {
    from = Math.min(samples, from + sizeOf(samples - from));
  }
  return starts;
}
