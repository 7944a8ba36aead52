import { expect, test } from "vitest";
import { CONTROL, createWorkerPool, sharedState } from "../../src/engine/worker-pool.ts";

const SIZES = { weights: 1, neurons: 1, populations: 1, projections: 1, shards: 8, samples: 8 };
const JOB = { split: 0, shards: 8, withGradient: false, run: 0, runSize: 8 };

/** A worker that is ready, and does `then` when the first job begins. */
function workerThat(then: string): URL {
  const wait = `Atomics.wait(control, ${CONTROL.generation}, 0)`;
  return module(`parentPort.postMessage("ready"); ${wait}; ${then}`);
}

function module(text: string): URL {
  const start = `
    import { parentPort, workerData } from "node:worker_threads";
    const control = new Int32Array(workerData.buffer, ${sharedState(SIZES).control.byteOffset});`;
  return new URL(`data:text/javascript,${encodeURIComponent(start + text)}`);
}

async function runWith(entry: URL, timeoutSeconds?: number): Promise<number[]> {
  const state = sharedState(SIZES);
  const shards: number[] = [];
  const runShard = async (shard: number) => void shards.push(shard);
  const pool = await createWorkerPool(state, runShard, 1, entry, {}, timeoutSeconds);
  try {
    await pool.run(JOB);
  } finally {
    await pool.close();
  }
  return shards;
}

test("a job ends when the worker has found no shard left", async () => {
  const idle = `Atomics.add(control, ${CONTROL.idleWorkers}, 1); Atomics.notify(control, ${CONTROL.idleWorkers});`;
  expect(await runWith(workerThat(`${idle} setInterval(() => {}, 1000)`))).toHaveLength(8);
});

test("a worker that throws ends the job with an error", async () => {
  await expect(runWith(workerThat("throw new Error('out of luck')"))).rejects.toThrow(
    "worker 1 died: out of luck",
  );
});

test("a worker that exits ends the job with an error", async () => {
  await expect(runWith(workerThat("process.exit(3)"))).rejects.toThrow(
    "worker 1 died: ended with exit code 3",
  );
});

test("a worker that cannot start is an error", async () => {
  await expect(runWith(module("throw new Error('no chip')"))).rejects.toThrow("worker 1 died: no chip");
});

test.concurrent.each([
  ["works on a shard", workerThat("for (;;);"), "no answer of 1 of 1 workers for 2 s"],
  ["starts", module("for (;;);"), "no answer of a worker for 2 s"],
])("a worker that loops while it %s ends the job with an error, and itself", async (_, entry, message) => {
  await expect(runWith(entry, 2)).rejects.toThrow(message);
});
