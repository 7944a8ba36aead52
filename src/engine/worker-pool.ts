/**
 * Shares the shards of a job among the main thread and workers: the memory that all of them see, the messages in it,
 * and the life of the workers. One module, though long: these are two ends of one protocol.
 *
 * A free worker takes the next shard. Its sums go into its own rows, and rows are summed in ascending order by the
 * main thread, so a result depends neither on the number of workers nor on who took which shard.
 *
 * A thread that waits spins briefly and then sleeps. The main thread returns to the event loop while it waits long, so
 * that a worker's death and Ctrl-C are seen.
 */

import { parentPort, Worker } from "node:worker_threads";
import { EXIT_CODE, UserError } from "../core/errors.ts";
import { eventLoopVisits } from "../core/event-loop.ts";

/** What is summed over the samples of a shard. */
export const STATISTICS = [
  "samples",
  "loss",
  "classification",
  "regularization",
  "correct",
  "spikes",
  "cappedJumps",
  "modelEarly",
  "modelLate",
  "missingOutputs",
  "unanswered",
  "tied",
  "inputs",
  "droppedInputs",
  "movedInputs",
  "droppedSpikes",
  "strayEvents",
  "earlySpikes",
  "lateSpikes",
  "cutRecordings",
  "lateArrivals",
  "bytesObserved",
  "bytesKept",
  "surrogateBytesObserved",
  "surrogateBytesKept",
  "chipMs",
  "hostMs",
] as const;

export type Statistic = (typeof STATISTICS)[number];
export type Statistics = Record<Statistic, number>;

/** Words of the control shard. */
export const CONTROL = {
  generation: 0,
  nextShard: 1,
  idleWorkers: 2,
  shards: 3,
  split: 4,
  withGradient: 5,
  /** First run number of the job; a shard that starts with sample s belongs to run `run + floor(s / runSize)`. */
  run: 6,
  runSize: 7,
  /** Number of the weights: participants program their chip when it changed. */
  weightsVersion: 8,
  saturated: 9,
  stop: 10,
  length: 11,
} as const;

export interface Sizes {
  readonly weights: number;
  readonly neurons: number;
  readonly populations: number;
  readonly projections: number;
  /** Largest number of shards of a job. */
  readonly shards: number;
  /** Largest number of samples of a job. */
  readonly samples: number;
}

export interface SharedState {
  readonly sizes: Sizes;
  readonly control: Int32Array;
  /** The weights that the current job is run with. */
  readonly weights: Float64Array;
  /** [shard · weights + weight] */
  readonly gradients: Float64Array;
  /** [shard · STATISTICS.length + statistic] */
  readonly statistics: Float64Array;
  /** Spikes of each neuron, summed over a shard: [shard · neurons + neuron] */
  readonly spikeCounts: Float64Array;
  /** Samples of a shard in which no neuron of a population spiked: [shard · populations + population] */
  readonly silentSamples: Float64Array;
  /** Weights of each projection that the substrate rounded to zero, and that it holds at its limit. */
  readonly zeroedWeights: Int32Array;
  readonly limitedWeights: Int32Array;
  /** Samples of the job, as indices into its split. */
  readonly order: Int32Array;
  /** Block b holds samples starts[b] … starts[b + 1] − 1 of the job. */
  readonly starts: Int32Array;
  readonly buffer: SharedArrayBuffer;
}

export function bytesOf(sizes: Sizes): number {
  const { weights, neurons, populations, projections, shards, samples } = sizes;
  const doubles = weights + shards * (weights + STATISTICS.length + neurons + populations);
  return 8 * doubles + 4 * (CONTROL.length + 2 * projections + samples + shards + 1);
}

/** Lays the views over a buffer; every participant calls this with the same sizes. */
export function sharedState(sizes: Sizes, buffer = new SharedArrayBuffer(bytesOf(sizes))): SharedState {
  let at = 0;
  const doubles = (length: number): Float64Array => {
    const view = new Float64Array(buffer, at, length);
    at += 8 * length;
    return view;
  };
  const weights = doubles(sizes.weights);
  const gradients = doubles(sizes.shards * sizes.weights);
  const statistics = doubles(sizes.shards * STATISTICS.length);
  const spikeCounts = doubles(sizes.shards * sizes.neurons);
  const silentSamples = doubles(sizes.shards * sizes.populations);
  const integers = (length: number): Int32Array => {
    const view = new Int32Array(buffer, at, length);
    at += 4 * length;
    return view;
  };
  const control = integers(CONTROL.length);
  const zeroedWeights = integers(sizes.projections);
  const limitedWeights = integers(sizes.projections);
  const order = integers(sizes.samples);
  const starts = integers(sizes.shards + 1);
  return {
    sizes,
    control,
    weights,
    gradients,
    statistics,
    spikeCounts,
    silentSamples,
    zeroedWeights,
    limitedWeights,
    order,
    starts,
    buffer,
  };
}

export function noStatistics(): Statistics {
  return Object.fromEntries(STATISTICS.map((name) => [name, 0])) as Statistics;
}

/** Writes the sum of the rows of shards 0 … shards−1, in this order. */
export function sumStatistics(state: SharedState, shards: number, sum: Statistics): void {
  for (let i = 0; i < STATISTICS.length; i++) {
    let total = 0;
    for (let shard = 0; shard < shards; shard++) {
      total += state.statistics[shard * STATISTICS.length + i]!;
    }
    sum[STATISTICS[i] as Statistic] = total;
  }
}

/** Writes the sum of `shards` rows of length `out.length` into `out`, rows in ascending order. */
export function sumRows(rows: Float64Array, shards: number, out: Float64Array): void {
  const { length } = out;
  const end = shards * length;
  for (let i = 0; i < length; i++) {
    let sum = rows[i]!;
    for (let at = i + length; at < end; at += length) sum += rows[at]!;
    out[i] = sum;
  }
}

/** Runs one shard of the current job into its rows. */
export type RunShard = (shard: number) => Promise<void>;

export interface Job {
  readonly split: number;
  /** The shared state says which samples they hold. */
  readonly shards: number;
  readonly withGradient: boolean;
  readonly run: number;
  /** Samples per run on the chip. */
  readonly runSize: number;
}

export interface WorkerPool {
  /** Runs a job on the weights in the shared state; call `weightsChanged` before when they are new. */
  run(job: Job): Promise<void>;
  weightsChanged(): void;
  close(): Promise<void>;
}

const SPIN_MS = 0.3;
const SLEEP_MS = 20;
/** A shard takes milliseconds; the largest that the schema allows, minutes. */
export const WORKER_TIMEOUT_SECONDS = 600;

/**
 * Takes shards until none is left.
 * @param between done after each shard
 */
async function takeShards(
  state: SharedState,
  runShard: RunShard,
  between?: () => Promise<void>,
): Promise<void> {
  const { control } = state;
  const shards = control[CONTROL.shards]!;
  for (;;) {
    const shard = Atomics.add(control, CONTROL.nextShard, 1);
    if (shard >= shards) return;
    await runShard(shard);
    await between?.();
  }
}

/** Waits until control[word] differs from `seen`; true when it does. Shards the thread. */
function waitForChange(control: Int32Array, word: number, seen: number, sleepMs?: number): boolean {
  const end = performance.now() + SPIN_MS;
  do {
    for (let i = 0; i < 200; i++) if (Atomics.load(control, word) !== seen) return true;
  } while (performance.now() < end);
  Atomics.wait(control, word, seen, sleepMs);
  return Atomics.load(control, word) !== seen;
}

/**
 * The life of a worker: takes shards, job by job, until the pool is closed.
 */
export async function serveShards(state: SharedState, runShard: RunShard): Promise<void> {
  const { control } = state;
  let generation = Atomics.load(control, CONTROL.generation);
  parentPort?.postMessage("ready");
  for (;;) {
    while (!waitForChange(control, CONTROL.generation, generation));
    generation = Atomics.load(control, CONTROL.generation);
    if (Atomics.load(control, CONTROL.stop) === 1) return;
    await takeShards(state, runShard);
    Atomics.add(control, CONTROL.idleWorkers, 1);
    Atomics.notify(control, CONTROL.idleWorkers);
  }
}

/** What a worker is given to build its own copy of everything. */
export interface WorkerData {
  readonly run: unknown;
  readonly sizes: SharedState["sizes"];
  readonly buffer: SharedArrayBuffer;
}

/**
 * @param workers participants beside the main thread
 * @param entry path of the built module that a worker runs
 * @param timeoutSeconds workers that answer nothing for so long, while they start or work on a shard, are taken for hung
 */
export async function createWorkerPool(
  state: SharedState,
  runShard: RunShard,
  workers: number,
  entry: string | URL,
  run: unknown,
  timeoutSeconds = WORKER_TIMEOUT_SECONDS,
): Promise<WorkerPool> {
  const { control } = state;
  const visit = eventLoopVisits();
  let failure: Error | undefined;
  let closing = false;
  const data: WorkerData = { run, sizes: state.sizes, buffer: state.buffer };
  const threads = Array.from({ length: workers }, () => new Worker(entry, { workerData: data }));

  let hung: NodeJS.Timeout | undefined;
  const started = Promise.all(
    threads.map(
      (thread, i) =>
        new Promise<void>((ready, reject) => {
          const fail = (error: Error): void => {
            failure ??= error;
            reject(error);
          };
          thread.once("message", () => ready());
          thread.on("error", (error) => fail(workerError(i, error)));
          thread.on("exit", (code) => {
            if (!closing) fail(workerError(i, new Error(`ended with exit code ${code}`)));
          });
        }),
    ),
  );
  const tooLate = new Promise<never>((_, reject) => {
    hung = setTimeout(() => reject(noAnswer("a worker", timeoutSeconds)), 1000 * timeoutSeconds);
  });
  await Promise.race([started, tooLate])
    .catch(async (error: unknown) => {
      closing = true;
      await Promise.all(threads.map((thread) => thread.terminate()));
      throw error;
    })
    .finally(() => clearTimeout(hung));

  /** Waits until all workers have found no shard left; each has at most one shard in hand. */
  const waitForWorkers = async (): Promise<void> => {
    let answered = performance.now();
    for (;;) {
      const idle = Atomics.load(control, CONTROL.idleWorkers);
      if (idle === workers) return;
      if (waitForChange(control, CONTROL.idleWorkers, idle, SLEEP_MS)) {
        answered = performance.now();
        continue;
      }
      await new Promise((resolve) => setImmediate(resolve));
      if (failure !== undefined) throw failure;
      if (performance.now() - answered > 1000 * timeoutSeconds)
        throw noAnswer(`${workers - idle} of ${workers} workers`, timeoutSeconds);
    }
  };

  return {
    async run(job) {
      if (failure !== undefined) throw failure;
      control[CONTROL.split] = job.split;
      control[CONTROL.shards] = job.shards;
      control[CONTROL.withGradient] = job.withGradient ? 1 : 0;
      control[CONTROL.run] = job.run;
      control[CONTROL.runSize] = job.runSize;
      control[CONTROL.idleWorkers] = 0;
      control[CONTROL.nextShard] = 0;
      Atomics.add(control, CONTROL.generation, 1);
      if (workers > 0) Atomics.notify(control, CONTROL.generation);
      await takeShards(state, runShard, visit);
      await waitForWorkers();
    },
    weightsChanged() {
      Atomics.add(control, CONTROL.weightsVersion, 1);
    },
    async close() {
      closing = true;
      Atomics.store(control, CONTROL.stop, 1);
      Atomics.add(control, CONTROL.generation, 1);
      Atomics.notify(control, CONTROL.generation);
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}

function noAnswer(who: string, seconds: number): UserError {
  return new UserError("worker", `no answer of ${who} for ${seconds} s`, {
    hint: "what was written is kept; if shards of samples may take so long, raise training.workerTimeout",
  });
}

function workerError(index: number, cause: Error): UserError {
  // What a worker throws arrives as a plain Error with the same properties.
  const { name, message, code, hint } = cause as UserError;
  if (name === "UserError" && Object.hasOwn(EXIT_CODE, code))
    return new UserError(code, message, { cause, ...(hint === undefined ? {} : { hint }) });
  return new UserError("worker", `worker ${index + 1} died: ${cause.message}`, {
    hint: "what was written is kept; run again with training.workers: 1 to see whether it happens there",
    cause,
  });
}
