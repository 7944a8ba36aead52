/**
 * What an experiment needs, estimated before anything of that size is asked for: weights, recordings, encoded data,
 * workers; losses and estimators bound their own grids. What cannot be held is refused with the key, the amount and a value that works. `validate` uses it,
 * and everything else that loads an experiment.
 *
 * The figures are estimates to a factor of about two; the limits leave room for that.
 */

import { totalmem } from "node:os";
import { CADC_DRAM_PERIOD_US, MAX_RUNTIME_US } from "../chip/limits.ts";
import { formatTime } from "../core/units.ts";
import type { DatasetSplits } from "../data/types.ts";
import { isEventData, SPLITS } from "../data/types.ts";
import { INPUT } from "../network/network.ts";
import { projectionEnds } from "./network.ts";
import type { Problem } from "./problem.ts";
import type { Experiment } from "./schema.ts";

const MIB = 2 ** 20;
/** Of one kind of array; the program has several, and JavaScript's own limit is 8 GiB. */
const MAX_BYTES = 1024 * MIB;
/** Copies of the weights while training: themselves, gradients of the blocks of a batch, moments, average. */
const WEIGHT_COPIES = 24;
/** weights.json is one text of some 25 characters per weight, and a text has at most 2^29. */
const MAX_WEIGHTS = 20_000_000;
/** Neurons of a chip are recorded row by row, used or not. */
const CHIP_NEURONS = 512;
/** What a worker has besides its data: the runtime and a chip. */
const WORKER_BYTES = 60 * MIB;

/** What an experiment needs, for people and for `--json`. */
export interface Needs {
  readonly weights: number;
  /** Bytes of all arrays as large as the weights. */
  readonly weightBytes: number;
  /** Bytes of the samples and their encoded spikes, of each participant. */
  readonly dataBytes: number;
}

export interface Sizes {
  readonly needs: Needs;
  readonly problems: readonly Problem[];
}

/** @param inputs sources that the encoder makes; @param memory bytes of this machine */
export function checkSizes(
  experiment: Experiment,
  inputs: number,
  data: DatasetSplits,
  memory = totalmem(),
): Sizes {
  const problems: Problem[] = [];
  const { weights, largest } = countWeights(experiment, inputs);
  const weightBytes = 8 * WEIGHT_COPIES * weights;
  const limit = Math.min(MAX_WEIGHTS, Math.floor((4 * MAX_BYTES) / (8 * WEIGHT_COPIES)));
  if (weights > limit) {
    const message = `the network has ${weights} weights, ${amount(weightBytes)} while training; at most ${limit} are held`;
    const works = Math.max(1, Math.floor((largest.size * limit) / weights));
    const hint = `with \`size: ${works}\` it would be held`;
    problems.push({ path: ["network", "populations", largest.name, "size"], at: "value", message, hint });
  }
  checkRecording(experiment, problems);
  const dataBytes = checkData(inputs, data, problems);
  checkWorkers(experiment, dataBytes, memory, problems);
  return { needs: { weights, weightBytes, dataBytes }, problems };
}

function countWeights({ network: { populations, projections } }: Experiment, inputs: number) {
  const sizeOf = (name: string): number => (name === INPUT ? inputs : (populations[name]?.size ?? 0));
  let weights = 0;
  for (const key of Object.keys(projections)) {
    const [from, to] = projectionEnds(key);
    weights += sizeOf(from) * sizeOf(to);
  }
  const [name, { size }] = Object.entries(populations).reduce((a, b) => (b[1].size > a[1].size ? b : a));
  return { weights, largest: { name, size } };
}

function checkRecording({ chip, network: { duration } }: Experiment, problems: Problem[]): void {
  if (chip.kind === "software") return;
  const path = ["network", "duration"];
  if (duration > MAX_RUNTIME_US) {
    const message = `a chip runs for at most ${formatTime(MAX_RUNTIME_US)}, a sample has ${formatTime(duration)}`;
    problems.push({ path, at: "value", message, hint: "shorten it, or set `chip.kind` to software" });
    return;
  }
  const bytes = 8 * CHIP_NEURONS * Math.ceil(duration / CADC_DRAM_PERIOD_US);
  if (chip.cadc !== "dram" || bytes <= MAX_BYTES) return;
  const longest = Math.floor(MAX_BYTES / 8 / CHIP_NEURONS) * CADC_DRAM_PERIOD_US;
  const message = `the recorded membranes of a sample need ${amount(bytes)}`;
  problems.push({ path, at: "value", message, hint: `${formatTime(longest)} or less works` });
}

/** Features and spikes in memory; every feature is taken for one spike, every event is one. */
function checkData(inputs: number, data: DatasetSplits, problems: Problem[]): number {
  let bytes = 0;
  for (const split of SPLITS) {
    const part = data[split];
    bytes += isEventData(part) ? 24 * part.time.length : part.size * (8 * part.featureCount + 12 * inputs);
  }
  if (bytes <= 4 * MAX_BYTES) return bytes;
  const message = `the samples and their spikes need ${amount(bytes)} in each worker, ${amount(4 * MAX_BYTES)} is the most`;
  problems.push({ path: ["data"], at: "value", message, hint: "use fewer samples or features" });
  return bytes;
}

function checkWorkers(
  { training: { workers } }: Experiment,
  dataBytes: number,
  memory: number,
  problems: Problem[],
): void {
  if (workers === undefined) return;
  const each = WORKER_BYTES + dataBytes;
  const works = Math.max(1, Math.floor((0.8 * memory) / each));
  if (workers <= works) return;
  const message = `${workers} workers need ${amount(workers * each)}, this machine has ${amount(memory)}`;
  const hint = `${works} or fewer work here; more than one per core are no faster`;
  problems.push({ path: ["training", "workers"], at: "value", message, hint });
}

/** 1234567890 → "1.1 GiB". */
function amount(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(bytes, 1)) / 10)));
  return `${(bytes / 2 ** (10 * power)).toPrecision(3)} ${units[power]}`;
}
