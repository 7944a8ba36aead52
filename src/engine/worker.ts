/** A worker thread: builds its own chip and workspaces from the plan, then takes blocks job by job. */

import { parentPort, workerData } from "node:worker_threads";
import { createBlockRunner } from "./block.ts";
import { instantiate, type Plan } from "./plan.ts";
import { CONTROL, sharedState } from "./shared-state.ts";
import { takeBlocks, type WorkerData, waitForChange } from "./team.ts";

const { plan, sizes, buffer } = workerData as WorkerData;
const state = sharedState(sizes, buffer);
const { control } = state;
const runBlock = createBlockRunner(await instantiate(plan as Plan), state);

let generation = Atomics.load(control, CONTROL.generation);
parentPort?.postMessage("ready");
for (;;) {
  while (!waitForChange(control, CONTROL.generation, generation));
  generation = Atomics.load(control, CONTROL.generation);
  if (Atomics.load(control, CONTROL.stop) === 1) break;
  await takeBlocks(state, runBlock);
  Atomics.add(control, CONTROL.idleWorkers, 1);
  Atomics.notify(control, CONTROL.idleWorkers);
}
