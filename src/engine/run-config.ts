/**
 * From an experiment to everything that a participant of a run needs. What can be made once is made once, in the main
 * thread (`prepareRun`): the data are opened and encoded, and the network is placed. The result is plain data and crosses
 * to workers. What each thread needs for itself, it opens from there (`openReplica`): a chip, a loss, an estimator.
 */

import type { Calibration } from "../calibration/types.ts";
import { createEncoder, openDataset } from "../data/index.ts";
import { type Dataset, type DatasetSplits, type Encoder, SPLITS } from "../data/types.ts";
import { networkOf } from "../experiment/network.ts";
import type { Experiment } from "../experiment/schema.ts";
import { createEstimator } from "../gradient/index.ts";
import type { Estimator } from "../gradient/types.ts";
import { createLoss } from "../loss/index.ts";
import { type Loss, voltagesOf } from "../loss/types.ts";
import type { Placement } from "../mapping/placement.ts";
import type { Network } from "../network/network.ts";
import type { InputBatch, RecordingRequest } from "../network/observation.ts";
import { type Executor, placeOnChip, substrateOf } from "./executor.ts";
import { type ObservationBytes, surrogateBytes } from "./surrogate-cost.ts";

export interface RunConfig {
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

/** A run for which all has been made that is made once. Plain data; threads share the memory of the splits. */
export interface PreparedRun extends RunConfig {
  /** Number of input sources. */
  readonly inputs: number;
  /** In the order of SPLITS. */
  readonly splits: readonly EncodedSplit[];
  /** Where the network is on the chip; absent in software, and where it runs in parts. */
  readonly placement?: Placement;
}

/** What was made of an experiment already: by the checks of its file, mostly. */
export interface KnownParts {
  readonly data: DatasetSplits;
  readonly encoder: Encoder;
  /** With nominal constants. */
  readonly network: Network;
  /** On a chip none of whose circuits is left out. */
  readonly placement?: Placement;
}

/** What one participant of a run (the main thread or a worker) has for itself. */
export interface Replica {
  /** With the constants that the gradient is computed with. */
  readonly network: Network;
  readonly placement: Placement | undefined;
  readonly executor: Executor;
  readonly loss: Loss;
  readonly estimator: Estimator;
  /** In the order of SPLITS. */
  readonly splits: readonly EncodedSplit[];
  /** What a surrogate gradient would observe per sample on this chip; absent in software. */
  readonly surrogate: ObservationBytes | undefined;
}

/**
 * @param known parts that need not be made again
 * @throws UserError("calibration" | "placement") when the network does not fit on the chip with these calibrations
 */
export function prepareRun({ experiment, calibrations }: RunConfig, known?: KnownParts): PreparedRun {
  const data = known?.data ?? openDataset(experiment.data);
  const encoder = known?.encoder ?? createEncoder(experiment.encoding, data);
  const splits = SPLITS.map((name) => sharedSplit(encodeSplit(name, data[name], encoder)));
  const run = { experiment, calibrations, inputs: encoder.inputs, splits };
  if (experiment.chip.kind === "software") return run;
  const network = known?.network ?? networkOf(experiment, encoder.inputs);
  const placed = placeOnChip(experiment, network, calibrations, known?.placement);
  // Parts hold models, which are no plain data: every thread cuts the network again.
  return "parts" in placed ? run : { ...run, placement: placed };
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

/** The split with its spikes and labels in memory that threads share instead of copying it. */
function sharedSplit(split: EncodedSplit): EncodedSplit {
  const { samples, offset, time, source, id } = split.inputs;
  const inputs: InputBatch = {
    samples,
    offset: shared(offset, Int32Array),
    time: shared(time, Float64Array),
    source: shared(source, Int32Array),
    id: shared(id, Int32Array),
  };
  return { ...split, inputs, labels: shared(split.labels, Uint8Array) };
}

function shared<Values extends Int32Array | Float64Array | Uint8Array>(
  values: Values,
  make: new (buffer: SharedArrayBuffer) => Values,
): Values {
  const copy = new make(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

/** Samples wanted of each population's membranes, in the order of the network's populations. */
export function recordingRequests(network: Network, loss: Loss, estimator: Estimator): RecordingRequest[] {
  return network.populations.map(({ name }) => voltagesOf(loss, name) ?? estimator.hiddenVoltages);
}

/** Opens what one participant has for itself. The same run gives the same replica on every thread. */
export async function openReplica(run: PreparedRun): Promise<Replica> {
  const { experiment, calibrations, inputs, splits } = run;
  const nominal = networkOf(experiment, inputs);
  const loss = createLoss(nominal, experiment.loss);
  const substrate = substrateOf(experiment, nominal, calibrations, run.placement);
  const { network, placement } = substrate;
  const estimator = createEstimator(network, experiment.estimator);
  const { chip } = experiment;
  return {
    network,
    placement,
    executor: await substrate.open(recordingRequests(network, loss, estimator)),
    loss,
    estimator,
    splits,
    surrogate:
      placement === undefined || chip.kind === "software"
        ? undefined
        : surrogateBytes(network, placement, chip.cadc),
  };
}
