/**
 * A whole epoch of 5000 samples: forward, backward, update, metrics, with one worker and with two, in turns.
 * Processor time is that of all threads.
 */

import { summary } from "../statistics.js";
import { onlyTraining, trainEpochs } from "../training.js";
import { CHIP_EPOCH_S, HUNDRED_SPIKES, loadBench, planOf, SEVENTY_SPIKES } from "../workload.js";

/** Epochs at the start of a run that do not count: workers compile their code then. */
const WARM_UP = 3;

/** [title, overrides] */
const TABLE = [
  ["about 100 spikes a sample", HUNDRED_SPIKES],
  ["about 70 spikes a sample", SEVENTY_SPIKES],
];

export async function run({ quick }) {
  const rows = [];
  for (const [title, set] of TABLE) {
    const runs = new Map([1, 2].map((workers) => [workers, []]));
    const config = await planOf(
      loadBench("yin-yang", [...set, ...onlyTraining(WARM_UP + (quick ? 2 : 6))]).experiment,
    );
    for (let round = 0; round < (quick ? 1 : 4); round++) {
      for (const workers of round % 2 === 0 ? [1, 2] : [2, 1]) {
        runs.get(workers).push(...(await trainEpochs(config, workers)).slice(WARM_UP));
      }
    }
    for (const [workers, epochs] of runs) {
      rows.push({
        what: `${title}, ${workers} worker${workers > 1 ? "s" : ""}`,
        unit: "s/epoch",
        cpu: summary(epochs.map(({ cpu }) => cpu)),
        wall: summary(epochs.map(({ wall }) => wall)),
        spikes: summary(epochs.map(({ spikes }) => spikes)).median,
        chip: CHIP_EPOCH_S,
        ...(workers === 2 ? { floor: 0.19, aim: 0.12 } : {}),
      });
    }
  }
  return rows;
}
