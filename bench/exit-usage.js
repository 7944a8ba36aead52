/**
 * Loaded into a measured program (`node --import`): writes what it used to file descriptor 3 when it ends.
 * Peak memory includes worker threads.
 */

import { writeSync } from "node:fs";

process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  const peak = process.resourceUsage().maxRSS / 1024;
  writeSync(3, JSON.stringify({ cpu: (user + system) / 1e6, peakMB: peak }));
});
