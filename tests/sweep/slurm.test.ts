import { describe, expect, it } from "vitest";
import { ranges, slurmScripts } from "../../src/sweep/slurm.ts";

describe("scripts for SLURM", () => {
  it("name open points as ranges", () => {
    expect(ranges([0, 1, 2, 3, 7, 9, 10])).toBe("0-3,7,9-10");
    expect(ranges([5])).toBe("5");
  });

  it("quote what a shell would take apart", () => {
    const scripts = slurmScripts({
      file: "my sweep's.yaml",
      folder: "out dir",
      name: "x",
      tasks: [0, 2],
      atOnce: 4,
      time: "00:10:00",
      options: ["--partition=long"],
    });
    const points = scripts["points.sbatch"]!;
    expect(points).toContain("my sweep'\\''s.yaml'");
    expect(points).toMatch(/^#SBATCH --array=0,2%4$/m);
    expect(points).toMatch(/^#SBATCH --partition=long$/m);
    expect(points).toMatch(/^#SBATCH --output=".*\/out dir\/slurm\/point-%a\.log"$/m);
  });
});
