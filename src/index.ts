/**
 * The library: what `import { … } from "eventprop"` gives. Three groups: describe a network, run it, learn with it. These
 * names are stable within a major version; modules behind them are not. docs/library.md has an example that runs.
 */

// Run: exactly in software, or on a chip.
export { calibrate } from "./calibration/index.ts";
export type { CalibrationTarget } from "./calibration/types.ts";
export { type ChipOptions, openChip } from "./chip/index.ts";
export type { Chip } from "./chip/types.ts";
// Describe: networks as mathematics, experiments as files.
export { UserError } from "./core/errors.ts";
export { type LoadedExperiment, loadExperiment } from "./experiment/load.ts";
export { initialWeights } from "./experiment/weights.ts";
// Learn: losses, gradients, whole trainings.
export { createEstimator, type EstimatorConfig } from "./gradient/index.ts";
export { type LossAndGradient, lossAndGradient, train } from "./library/learn.ts";
export { type InputSpikes, runExperiment, simulate } from "./library/run.ts";
export { createLoss, type LossConfig } from "./loss/index.ts";
export { buildNetwork, type Network, type PopulationSpec, type ProjectionSpec } from "./network/network.ts";
export type { Observation, RecordingRequest } from "./network/observation.ts";
