import { rmSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** Calibrations that tests measure: not the user's, and none of an earlier state of the program. */
const cache = join(import.meta.dirname, ".vitest", "cache");
rmSync(cache, { recursive: true, force: true });
const env = { XDG_CACHE_HOME: cache };

// Two projects: `fast` is the suite of `npm test`; `slow` holds training runs and full calibrations.
export default defineConfig({
  test: {
    // Vitest leaves one core to the terminal by default, which halves the speed on two cores.
    maxWorkers: "100%",
    projects: [
      {
        test: {
          name: "fast",
          env,
          include: ["tests/**/*.test.ts"],
          exclude: ["tests/slow/**"],
          // The program keeps no state between calls, so that the files of one process may share its modules: loading
          // them anew for each file takes longer than the tests.
          isolate: false,
          testTimeout: 60_000,
        },
      },
      {
        test: { name: "slow", env, include: ["tests/slow/**/*.test.ts"], testTimeout: 600_000 },
      },
    ],
  },
});
