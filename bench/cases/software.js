/**
 * Against the fastest peer on its own work: T. Wunderlich, C. Pehle's event-based C++ (arXiv:2009.08378), first
 * output spikes, 5-120-3, 20/5 ms, batch 50. There, in the late epochs with 12.5 hidden spikes a sample, an epoch
 * of 5000 samples takes 0.31 s on one core and 0.19 s on two (2.6 GHz Zen 4).
 */

import { summary } from "../statistics.js";
import { onlyTraining, trainEpochs } from "../training.js";
import { loadBench, planOf } from "../workload.js";

const PEER = new Map([
  [1, 0.31],
  [2, 0.19],
]);
/** Output weights keep their sum over 120 hidden neurons instead of 200. */
const SET = [
  "network.populations.hidden.size=120",
  "network.projections.hidden>output.init={ mean: 1.55, std: 0.1667 }",
  "training.batch=50",
];

export async function run({ quick }) {
  const epochs = quick ? 6 : 50;
  const late = quick ? 2 : 10;
  const rows = [];
  const config = await planOf(loadBench("wunderlich-pehle", [...SET, ...onlyTraining(epochs)]).experiment);
  for (const [workers, peer] of PEER) {
    const all = await trainEpochs(config, workers);
    const last = all.slice(-late);
    const first = all.slice(1, 4);
    const row = (chosen, title, more) => ({
      what: `${title}, ${workers} worker${workers > 1 ? "s" : ""}`,
      unit: "s/epoch",
      cpu: summary(chosen.map(({ cpu }) => cpu)),
      wall: summary(chosen.map(({ wall }) => wall)),
      spikes: summary(chosen.map(({ spikes }) => spikes)).median,
      note: `training accuracy ${(100 * chosen.at(-1).accuracy).toFixed(1)} %`,
      ...more,
    });
    rows.push(row(first, "epochs 2 to 4", {}));
    rows.push(
      row(last, `epochs ${epochs - late + 1} to ${epochs}`, {
        peer,
        floor: peer,
        aim: peer / 2,
        judged: workers === 1 ? "cpu" : "wall",
      }),
    );
  }
  return rows;
}
