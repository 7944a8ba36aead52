/** A worker thread: opens its own chip and workspaces for the prepared run, then takes shards, job by job. */

import { workerData } from "node:worker_threads";
import { openReplica, type PreparedRun } from "./run-config.ts";
import { createShardRunner } from "./shard.ts";
import { serveShards, sharedState, type WorkerData } from "./worker-pool.ts";

const { run, sizes, buffer } = workerData as WorkerData;
const state = sharedState(sizes, buffer);
await serveShards(state, createShardRunner(await openReplica(run as PreparedRun), state));
