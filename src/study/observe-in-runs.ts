/** Sends samples to whatever a network runs on in runs of a given size: what varies from run to run is seen as such. */

import type { Forward } from "../engine/forward.ts";
import type { InputBatch, Observation } from "../network/observation.ts";

/** Number of the first run for the noise of a simulated chip: apart from those of training. */
const FIRST_RUN = 2 ** 29;

/**
 * Calls `visit` for each sample in order, with the weights that `forward` holds; the observation is reused.
 * @param runSize samples of a run
 */
export async function observeInRuns(
  forward: Forward,
  inputs: InputBatch,
  runSize: number,
  visit: (sample: number, observation: Observation) => void,
): Promise<void> {
  const cost = { bytes: 0, chipMs: 0 };
  for (let from = 0; from < inputs.samples; from += runSize) {
    const run = part(inputs, from, Math.min(from + runSize, inputs.samples));
    const number = FIRST_RUN + from / runSize;
    await forward.observe(run, number, (sample, observation) => visit(from + sample, observation), cost);
  }
}

function part({ offset, time, source, id }: InputBatch, from: number, to: number): InputBatch {
  const begin = offset[from]!;
  const end = offset[to]!;
  return {
    samples: to - from,
    offset: offset.slice(from, to + 1).map((at) => at - begin),
    time: time.slice(begin, end),
    source: source.slice(begin, end),
    id: id.slice(from, to),
  };
}
