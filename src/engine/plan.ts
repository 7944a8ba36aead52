/**
 * From an experiment to everything that a participant of the run needs. A `Plan` is plain data and crosses to
 * workers; an `Instance` is what one participant builds from it: its own chip, loss, estimator and data.
 */

import type { Calibration } from "../calibration/types.ts";
import { createEncoder, openDataset } from "../data/index.ts";
import { type Dataset, type Encoder, SPLITS } from "../data/types.ts";
import { networkOf } from "../experiment/network.ts";
import type { Experiment } from "../experiment/schema.ts";
import { createEstimator } from "../gradient/index.ts";
import type { Estimator } from "../gradient/types.ts";
import { createLoss } from "../loss/index.ts";
import type { Loss } from "../loss/types.ts";
import type { Placement } from "../mapping/placement.ts";
import type { Network } from "../network/network.ts";
import type { InputBatch, RecordingRequest } from "../network/observation.ts";
import type { Forward } from "./forward.ts";
import { openForward } from "./open-forward.ts";
import { type ObservationBytes, surrogateBytes } from "./surrogate-cost.ts";

export interface Plan {
  readonly experiment: Experiment;
  /** Calibration of the chip for each population; empty in software. */
  readonly calibrations: ReadonlyMap<string, Calibration>;
}

/** One part of the data, encoded. */
export interface EncodedSplit {
  readonly name: string;
  /** Number of sources that the spikes come from. */
  readonly sources: number;
  readonly inputs: InputBatch;
  readonly labels: Uint8Array;
  readonly classNames: readonly string[];
}

export interface Instance {
  readonly plan: Plan;
  /** With the constants that the gradient is computed with. */
  readonly network: Network;
  readonly placement: Placement | undefined;
  readonly forward: Forward;
  readonly loss: Loss;
  readonly estimator: Estimator;
  /** In the order of SPLITS. */
  readonly splits: readonly EncodedSplit[];
  /** What a surrogate gradient would observe per sample on this chip; absent in software. */
  readonly surrogate: ObservationBytes | undefined;
}

/** Data of the experiment, encoded; deterministic. */
export function encodeData(experiment: Experiment): {
  readonly inputs: number;
  readonly splits: readonly EncodedSplit[];
} {
  const dataset = openDataset(experiment.data);
  const encoder = createEncoder(experiment.encoding, dataset);
  const splits = SPLITS.map((name) => {
    const part: Dataset = dataset[name];
    return encodeSplit(name, part, encoder);
  });
  return { inputs: encoder.inputs, splits };
}

export function encodeSplit(name: string, part: Dataset, encoder: Encoder): EncodedSplit {
  return {
    name,
    sources: encoder.inputs,
    inputs: encoder.encode(part),
    labels: part.labels,
    classNames: part.classNames,
  };
}

/** Samples wanted of each population's membranes, in the order of the network's populations. */
export function recordingRequests(network: Network, loss: Loss, estimator: Estimator): RecordingRequest[] {
  return network.populations.map(({ name }) =>
    name === loss.output ? loss.voltages : estimator.hiddenVoltages,
  );
}

/** Builds one participant's own copy of everything. The same plan gives the same instance on every thread. */
export async function instantiate(plan: Plan): Promise<Instance> {
  const { experiment, calibrations } = plan;
  const { inputs, splits } = encodeData(experiment);
  const nominal = networkOf(experiment, inputs);
  const loss = createLoss(nominal, experiment.loss);
  let estimator = createEstimator(nominal, experiment.estimator);
  const { forward, placement } = await openForward(experiment, nominal, calibrations, (network) => {
    estimator = createEstimator(network, experiment.estimator);
    return recordingRequests(network, loss, estimator);
  });
  const { chip } = experiment;
  return {
    plan,
    network: forward.network,
    placement,
    forward,
    loss,
    estimator,
    splits,
    surrogate:
      placement === undefined || chip.kind === "software"
        ? undefined
        : surrogateBytes(forward.network, placement, chip.cadc),
  };
}
