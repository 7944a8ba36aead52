/** What happens once per batch: the update of the weights, and programming the chip with them. */

import { createTrainer } from "../../dist/bench/parts.js";
import { inTurns } from "../measure.js";
import { HUNDRED_SPIKES, loadBench, openLab, planOf } from "../workload.js";

const UPDATES = 200;
const RATE = 1e-4;

export async function run({ quick }) {
  const { experiment } = loadBench("yin-yang", HUNDRED_SPIKES);
  const { chip, mapped } = await openLab(await planOf(experiment));
  const { network } = mapped;
  const trainer = createTrainer(experiment, network, mapped.weightLimits);
  // Made beforehand: an update writes its gradient, and making one takes longer than updating.
  const gradients = Array.from({ length: 8 }, (_, step) =>
    Float64Array.from({ length: network.weights }, (_, i) => RATE * Math.sin(i + step)),
  );
  const gradient = new Float64Array(network.weights);
  const spikes = new Float64Array(network.neurons).fill(1);
  const update = (step) => {
    gradient.set(gradients[step % gradients.length]);
    trainer.update(0, gradient, spikes);
  };
  const variants = [
    {
      name: "update",
      units: UPDATES,
      run: async () => {
        for (let step = 0; step < UPDATES; step++) update(step);
      },
    },
    {
      name: "program",
      units: UPDATES,
      run: async () => {
        for (let step = 0; step < UPDATES; step++) {
          update(step);
          mapped.writeWeights(trainer.state.weights);
          await mapped.configureWeights(chip);
        }
      },
    },
  ];
  const results = await inTurns(variants, { blocks: quick ? 7 : 31, warmUp: 4 });
  const row = (name, what) => {
    const { cpu, wall } = results.get(name);
    return { what, unit: "us/batch", cpu, wall, spikes: null };
  };
  const size = `${network.weights} weights`;
  return [
    row("update", `Adam, regularizers and averaging, ${size}`),
    row("program", `the same, then quantized and written to the chip`),
  ];
}
