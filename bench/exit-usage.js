/**
 * Loaded into a measured program (`node --import`): writes what it used to file descriptor 3 when it ends.
 * Both figures are of the whole process; its worker threads load this too, and leave it to the main thread.
 */

import { writeSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  process.on("exit", () => {
    const { user, system } = process.cpuUsage();
    const peak = process.resourceUsage().maxRSS / 1024;
    writeSync(3, JSON.stringify({ cpu: (user + system) / 1e6, peakMB: peak }));
  });
}
