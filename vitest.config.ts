import { defineConfig } from "vitest/config";

// Two projects: `fast` is the suite of `npm test`; `slow` holds training runs and full calibrations.
export default defineConfig({
  test: {
    // Vitest leaves one core to the terminal by default, which halves the speed on two cores.
    maxWorkers: "100%",
    projects: [
      {
        test: {
          name: "fast",
          include: ["tests/**/*.test.ts"],
          exclude: ["tests/slow/**"],
          testTimeout: 60_000,
        },
      },
      {
        test: { name: "slow", include: ["tests/slow/**/*.test.ts"], testTimeout: 600_000, fileParallelism: false },
      },
    ],
  },
});
