/** Running a network on a chip: quantize and program weights, send events, decode what comes back. */

import type { Chip, RunOptions } from "../chip/types.ts";
import type { Programmer } from "../mapping/programmer.ts";
import type { VoltageNeed } from "../network/observation.ts";
import { createObservation } from "../network/simulate.ts";
import type { Forward } from "./forward.ts";

/**
 * @param chip configured by `programmer`
 * @param record samples wanted per population; a chip answers any need but `none` with its CADC samples
 */
export function chipForward(
  chip: Chip,
  programmer: Programmer,
  memory: "sram" | "dram",
  record: readonly VoltageNeed[],
): Forward {
  const { network } = programmer;
  const observation = createObservation(network);
  const present = new Float64Array(network.weights);
  const sampled = network.populations.filter((_, p) => record[p]?.kind !== "none").map(({ name }) => name);
  const keep = programmer.circuits(sampled);
  const options: RunOptions = { spikes: true, ...(keep.length === 0 ? {} : { cadc: { memory, keep } }) };
  return {
    network,
    weightLimits: programmer.weightLimits,
    async load(weights) {
      const { saturated } = programmer.writeWeights(weights);
      programmer.readWeights(present);
      await programmer.configureWeights(chip);
      return { saturated, present };
    },
    async observe(inputs, run, visit, cost) {
      const batch = programmer.encode(inputs);
      const start = performance.now();
      const recording = await chip.run(batch, { ...options, trial: { run, entry: inputs.id } });
      cost.chipMs += performance.now() - start;
      cost.bytes += recording.health.spikeBytes + recording.health.cadcBytes;
      for (let entry = 0; entry < inputs.samples; entry++) {
        programmer.decode(recording, entry, observation);
        visit(entry, observation);
      }
    },
    close: () => chip.close(),
  };
}
