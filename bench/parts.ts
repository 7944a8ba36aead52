/** What the benchmarks and the fingerprint measure inside the program; it is built beside it, from the same chunks. */

export { calibrate } from "../src/calibration/index.ts";
export { openChip } from "../src/chip/index.ts";
export { createKernel } from "../src/chip/kernel/host.ts";
export { NOISE_EFFECTS, STATIC_EFFECTS } from "../src/chip/simulated/effects.ts";
export { simulated } from "../src/chip/simulated/index.ts";
export { kernelStep } from "../src/chip/simulated/kernel-neurons.ts";
export { DEFAULT_STEP } from "../src/chip/simulated/options.ts";
export { power } from "../src/core/power.ts";
export { stream } from "../src/core/random.ts";
export { chipCalibrations } from "../src/engine/chip-calibrations.ts";
export { readMetrics } from "../src/engine/metrics.ts";
export { openReplica, prepareRun } from "../src/engine/run-config.ts";
export { train } from "../src/engine/train.ts";
export { createTrainer } from "../src/engine/trainer.ts";
export { loadExperiment } from "../src/experiment/load.ts";
export { calibrationTargets, networkOf } from "../src/experiment/network.ts";
export { initialWeights } from "../src/experiment/weights.ts";
export { createLoss } from "../src/loss/index.ts";
export { failedCircuits } from "../src/mapping/calibrations.ts";
export { mapNetwork } from "../src/mapping/mapped-network.ts";
export { placeNetwork } from "../src/mapping/place.ts";
export { buildNetwork, withConstants } from "../src/network/network.ts";
export { createObservation, createSimulator } from "../src/network/simulate.ts";
