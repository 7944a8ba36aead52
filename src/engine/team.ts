/**
 * Shares the blocks of a job among the main thread and workers. A block is taken by whoever is free; its sums
 * go into its own rows (shared-state.ts), so the outcome does not depend on the number of workers.
 *
 * Waiting spins briefly and then sleeps. The main thread returns to the event loop while it waits long, so
 * that a worker's death and Ctrl-C are seen.
 */

import { Worker } from "node:worker_threads";
import { EXIT_CODE, UserError } from "../core/errors.ts";
import { eventLoopVisits } from "../core/event-loop.ts";
import { CONTROL, type SharedState } from "./shared-state.ts";

/** Runs one block of the current job into its rows. */
export type RunBlock = (block: number) => Promise<void>;

export interface Job {
  readonly split: number;
  /** The shared state says which samples they hold. */
  readonly blocks: number;
  readonly withGradient: boolean;
  readonly run: number;
  /** Samples per run on the chip. */
  readonly runSize: number;
}

export interface Team {
  /** Runs a job on the weights in the shared state; call `weightsChanged` before when they are new. */
  run(job: Job): Promise<void>;
  weightsChanged(): void;
  close(): Promise<void>;
}

const SPIN_MS = 0.3;
const SLEEP_MS = 20;
/** A block takes milliseconds; the largest that the schema allows, minutes. */
export const WORKER_TIMEOUT_SECONDS = 600;

/**
 * Takes blocks until none is left.
 * @param between done after each block
 */
export async function takeBlocks(
  state: SharedState,
  runBlock: RunBlock,
  between?: () => Promise<void>,
): Promise<void> {
  const { control } = state;
  const blocks = control[CONTROL.blocks]!;
  for (;;) {
    const block = Atomics.add(control, CONTROL.nextBlock, 1);
    if (block >= blocks) return;
    await runBlock(block);
    await between?.();
  }
}

/** Waits until control[word] differs from `seen`; true when it does. Blocks the thread. */
export function waitForChange(control: Int32Array, word: number, seen: number, sleepMs?: number): boolean {
  const end = performance.now() + SPIN_MS;
  do {
    for (let i = 0; i < 200; i++) if (Atomics.load(control, word) !== seen) return true;
  } while (performance.now() < end);
  Atomics.wait(control, word, seen, sleepMs);
  return Atomics.load(control, word) !== seen;
}

/** What a worker is given to build its own copy of everything. */
export interface WorkerData {
  readonly plan: unknown;
  readonly sizes: SharedState["sizes"];
  readonly buffer: SharedArrayBuffer;
}

/**
 * @param workers participants beside the main thread
 * @param entry path of the built module that a worker runs
 * @param timeoutSeconds workers that answer nothing for so long, while they start or work on a block, are taken for hung
 */
export async function createTeam(
  state: SharedState,
  runBlock: RunBlock,
  workers: number,
  entry: string | URL,
  plan: unknown,
  timeoutSeconds = WORKER_TIMEOUT_SECONDS,
): Promise<Team> {
  const { control } = state;
  const visit = eventLoopVisits();
  let failure: Error | undefined;
  let closing = false;
  const data: WorkerData = { plan, sizes: state.sizes, buffer: state.buffer };
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

  /** Waits until all workers have found no block left; each has at most one block in hand. */
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
      control[CONTROL.blocks] = job.blocks;
      control[CONTROL.withGradient] = job.withGradient ? 1 : 0;
      control[CONTROL.run] = job.run;
      control[CONTROL.runSize] = job.runSize;
      control[CONTROL.idleWorkers] = 0;
      control[CONTROL.nextBlock] = 0;
      Atomics.add(control, CONTROL.generation, 1);
      if (workers > 0) Atomics.notify(control, CONTROL.generation);
      await takeBlocks(state, runBlock, visit);
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
    hint: "what was written is kept; if blocks of samples may take so long, raise training.workerTimeout",
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
