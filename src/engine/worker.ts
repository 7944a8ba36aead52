/** A worker thread: opens its own chip and workspaces for the prepared run, then takes shards, job by job. */

import { workerData } from "node:worker_threads";
import { allowPlugins } from "../core/plugin-permission.ts";
import { usePlugins } from "../experiment/plugins.ts";
import { openReplica, type PreparedRun } from "./run-config.ts";
import { createShardRunner } from "./shard.ts";
import { serveShards, sharedState, type WorkerData } from "./worker-pool.ts";

const { run, sizes, buffer } = workerData as WorkerData;
const { plugins = [] } = (run as PreparedRun).experiment;
if (plugins.length > 0) {
  // Where they are not allowed, the main thread has refused the experiment.
  allowPlugins();
  usePlugins(plugins);
}
const state = sharedState(sizes, buffer);
await serveShards(state, createShardRunner(await openReplica(run as PreparedRun), state));
