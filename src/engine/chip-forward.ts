/** Running a network on a chip: quantize and program weights, send events, decode what comes back. */

import { WEIGHT_MAX } from "../chip/limits.ts";
import type { Chip, RunOptions } from "../chip/types.ts";
import { eventLoopVisits } from "../core/event-loop.ts";
import type { Programmer } from "../mapping/programmer.ts";
import type { RecordingRequest } from "../network/observation.ts";
import { createObservation } from "../network/simulate.ts";
import type { Forward } from "./forward.ts";

/**
 * @param chip configured by `programmer`
 * @param record samples wanted per population; a chip answers any request but `none` with its CADC samples
 */
export function chipForward(
  chip: Chip,
  programmer: Programmer,
  memory: "sram" | "dram",
  record: readonly RecordingRequest[],
): Forward {
  const { network } = programmer;
  const observation = createObservation(network);
  const visitEventLoop = eventLoopVisits();
  const present = new Float64Array(network.weights);
  const zeroed = new Int32Array(network.projections.length);
  const limited = new Int32Array(network.projections.length);
  // A limit is half a step above the largest weight, which is WEIGHT_MAX words in each row.
  const weightSteps = network.projections.map(
    ({ rows }, p) => 2 * (programmer.weightLimits[p]! - (WEIGHT_MAX * rows) / programmer.scales[p]!),
  );
  const countRounded = (weights: Float64Array): void => {
    network.projections.forEach(({ offset, sources, targets }, p) => {
      const largest = programmer.weightLimits[p]! - weightSteps[p]!;
      let zeros = 0;
      let limits = 0;
      for (let i = offset; i < offset + sources * targets; i++) {
        const size = Math.abs(present[i]!);
        if (size === 0 && weights[i] !== 0) zeros++;
        if (size > largest) limits++;
      }
      zeroed[p] = zeros;
      limited[p] = limits;
    });
  };
  const sampled = network.populations.filter((_, p) => record[p]?.kind !== "none").map(({ name }) => name);
  const keep = programmer.circuits(sampled);
  const options: RunOptions = { spikes: true, ...(keep.length === 0 ? {} : { cadc: { memory, keep } }) };
  return {
    network,
    weightLimits: programmer.weightLimits,
    weightSteps: Float64Array.from(weightSteps),
    async load(weights) {
      const { saturated } = programmer.writeWeights(weights);
      programmer.readWeights(present);
      countRounded(weights);
      await programmer.configureWeights(chip);
      return { saturated, present, zeroed, limited };
    },
    async observe(inputs, run, visit, cost) {
      const { counts } = programmer;
      const { lateInputs, movedInputs, strayEvents, earlySpikes, lateSpikes } = counts;
      await visitEventLoop();
      const batch = programmer.encode(inputs);
      const start = performance.now();
      const recording = await chip.run(batch, { ...options, noiseKey: { run, sample: inputs.id } });
      cost.chipMs += performance.now() - start;
      const { health } = recording;
      cost.bytes += health.spikeBytes + health.cadcBytes;
      cost.droppedSpikes += health.droppedOut;
      if (health.cadcTruncated) cost.cutRecordings++;
      for (let entry = 0; entry < inputs.samples; entry++) {
        programmer.decode(recording, entry, observation);
        visit(entry, observation);
      }
      cost.droppedInputs += health.droppedIn + counts.lateInputs - lateInputs;
      cost.movedInputs += counts.movedInputs - movedInputs;
      cost.strayEvents += counts.strayEvents - strayEvents;
      cost.earlySpikes += counts.earlySpikes - earlySpikes;
      cost.lateSpikes += counts.lateSpikes - lateSpikes;
    },
    close: () => chip.close(),
  };
}
