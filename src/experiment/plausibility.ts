/**
 * Values that are possible but cannot do what they were written for: each is a warning at its line, in `validate` and
 * before any run. A table of checks, one member each; what only a run can show is in engine/warnings.ts.
 */

import { totalmem } from "node:os";
import { CADC_DRAM_PERIOD_US, MAX_RUNTIME_US } from "../chip/limits.ts";
import { formatTime } from "../core/units.ts";
import { type DatasetSplits, isEventData, SPLITS } from "../data/types.ts";
import type { Loss } from "../loss/types.ts";
import { INPUT, type Network } from "../network/network.ts";
import { projectionEnds } from "./network.ts";
import type { Problem } from "./problem.ts";
import type { Experiment } from "./schema.ts";

interface Subject {
  readonly experiment: Experiment;
  readonly data: DatasetSplits;
  readonly network: Network;
  readonly loss: Loss;
}

type Check = (subject: Subject) => readonly Problem[];

export function checkPlausibility(subject: Subject): Problem[] {
  return CHECKS.flatMap((check) => check(subject));
}

const CHECKS: readonly Check[] = [
  function batchLargerThanData({ experiment, data }) {
    const { batch } = experiment.training;
    const { size } = data.train;
    if (batch <= size) return [];
    return [
      value(["training", "batch"], `batches of ${batch} from ${size} training samples: one update per epoch`),
    ];
  },
  function emptySplit({ data }) {
    return SPLITS.filter((split) => data[split].size === 0).map((split) =>
      value(
        ["data", split],
        `there are no ${split} samples: metrics.csv has no row for them, and result.json null`,
        `raise \`data.${split}\`, or add rows`,
      ),
    );
  },
  function classWithoutSamples({ data, loss }) {
    if (!readsClasses(loss)) return [];
    return SPLITS.flatMap((split) => {
      const { size, labels, classNames } = data[split];
      const seen = new Set(labels);
      const absent = classNames.filter((_, label) => !seen.has(label));
      if (size === 0 || absent.length === 0) return [];
      const message = `no ${split} sample has the class ${absent.join(", ")}`;
      return [value(["data"], message, `take more ${split} samples, or another seed of the split`)];
    });
  },
  function moreOutputsThanClasses({ network, data, loss }) {
    const output = network.populations.find(({ name }) => name === loss.output);
    const { classes } = data.train;
    if (!readsClasses(loss) || output === undefined || output.size <= classes) return [];
    const message = `\`${output.name}\` has ${output.size} neurons for ${classes} classes: the others can only be wrong`;
    return [value(["network", "populations", output.name, "size"], message, `size: ${classes}`)];
  },
  function warmupLongerThanTraining({ experiment: { schedule, training } }) {
    const { warmup } = schedule;
    if (training.epochs === 0 || warmup < training.epochs || warmup === 0) return [];
    const message = `the warm-up of ${warmup} epochs does not end within the training of ${training.epochs}`;
    return [value(["schedule", "warmup"], message, "the learning rate never reaches optimizer.learningRate")];
  },
  function scheduleThatNeverSteps({ experiment: { schedule, training } }) {
    if (schedule.kind !== "step" || training.epochs === 0 || schedule.every < training.epochs) return [];
    const message = `the learning rate would drop after ${schedule.every} epochs, the training ends after ${training.epochs}`;
    return [value(["schedule", "every"], message, "it stays the same throughout")];
  },
  function averagingThatNeverBegins({ experiment: { training } }) {
    const { averaging, epochs } = training;
    if (averaging === undefined || epochs === 0 || averaging.startEpoch < epochs) return [];
    const message = `the averaging begins after epoch ${averaging.startEpoch}, the training ends after ${epochs}`;
    return [
      value(
        ["training", "averaging", "startEpoch"],
        message,
        "the last weights are evaluated, not an average",
      ),
    ];
  },
  function lateBeforeEarly({ experiment: { encoding } }) {
    if (!("early" in encoding) || !("late" in encoding) || encoding.late > encoding.early) return [];
    // A file that silences small features means that large features come first.
    if (encoding.silentBelow !== undefined && encoding.late < encoding.early) return [];
    const message = `\`late\` (${formatTime(encoding.late)}) is not after \`early\` (${formatTime(encoding.early)})`;
    return [
      value(["encoding", "late"], message, "large features spike first, or all at once; is that meant?"),
    ];
  },
];

/** Whether each label stands for an output neuron. */
function readsClasses({ scores }: Loss): boolean {
  return scores.length > 0;
}

function value(path: Problem["path"], message: string, hint?: string): Problem {
  return hint === undefined ? { path, at: "value", message } : { path, at: "value", message, hint };
}

// Sizes -----------------------------------------------------------------------------------------------------

// What an experiment needs, estimated before anything of that size is asked for: weights, recordings, encoded data,
// workers; losses and estimators bound their own grids. What cannot be held is refused with the key, the amount and a value that works. `validate` uses it,
// and everything else that loads an experiment.
//
// The figures are estimates to a factor of about two; the limits leave room for that.

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
