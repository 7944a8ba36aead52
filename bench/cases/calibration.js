/** Calibrating all 512 neurons of a simulated chip from scratch, to the target of the Yin-Yang experiment. */

import { calibrate, calibrationTargets, openChip } from "../../dist/bench/parts.js";
import { timed } from "../measure.js";
import { summary } from "../statistics.js";
import { loadBench } from "../workload.js";

export async function run({ quick }) {
  const { experiment } = loadBench("yin-yang");
  const [target] = calibrationTargets(experiment).values();
  const times = [];
  let good = 0;
  for (let repetition = 0; repetition < (quick ? 1 : 3); repetition++) {
    const chip = await openChip(experiment.chip);
    times.push(
      await timed(async () => {
        const { success } = await calibrate(chip, target);
        good = success.reduce((sum, each) => sum + each, 0);
      }),
    );
    await chip.close();
  }
  return [
    {
      what: "512 neurons, one thread",
      unit: "s",
      cpu: summary(times.map(({ cpu }) => cpu / 1000)),
      wall: summary(times.map(({ wall }) => wall / 1000)),
      spikes: null,
      note: `${good} of 512 neurons within tolerance`,
    },
  ];
}
