import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { eventprop, startEventprop } from "../cli/program.ts";
import { interrupt, tinyRun, withoutTimings } from "../cli/tiny-runs.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

// Calibrations that are not shipped are measured and stored here.
const cwd = temporaryFolder();

function metrics(args: readonly string[], folder: string): { lines: string[]; stderr: string } {
  const { code, stderr } = eventprop([...args, "--out", folder], { cwd, timeout: 300_000 });
  expect(code, stderr).toBe(0);
  return { lines: withoutTimings(join(cwd, folder)), stderr };
}

describe.each(["software", "ideal", "simulated"] as const)("the same experiment and seed on %s", (kind) => {
  it("gives the same metrics again, with one worker or two, and from config.yaml of a run", () => {
    const run = (workers: number, folder: string) =>
      metrics(tinyRun(kind, 3, "--set", `training.workers=${workers}`), `${kind}-${folder}`).lines;
    const expected = run(1, "first");
    expect(expected).toHaveLength(1 + 7);
    expect(run(1, "again")).toEqual(expected);
    expect(run(2, "two")).toEqual(expected);
    expect(metrics(["train", `${kind}-two/config.yaml`], `${kind}-config`).lines).toEqual(expected);
    // Negative control: another seed is another run.
    expect(metrics(tinyRun(kind, 3, "--seed", "2"), `${kind}-other`).lines).not.toEqual(expected);
  });
});

describe("a run on a simulated chip that is interrupted", () => {
  it("goes on to the same metrics: noise is named by run and sample, not by what came before", async () => {
    const epochs = 30;
    const expected = metrics(tinyRun("simulated", epochs), "whole").lines;
    const begun = startEventprop(tinyRun("simulated", epochs, "--out", "cut"), { cwd, timeout: 300_000 });
    expect((await interrupt(begun, join(cwd, "cut"), 6, "SIGINT")).code).toBe(130);
    expect(withoutTimings(join(cwd, "cut")).length).toBeLessThan(expected.length);
    expect(eventprop(["train", "--resume", "cut"], { cwd, timeout: 300_000 }).code).toBe(0);
    expect(withoutTimings(join(cwd, "cut"))).toEqual(expected);
  });
});

describe("a chip without a stored calibration", () => {
  it("is calibrated first, with a word about it, and the next run takes what was stored", () => {
    const onChip = tinyRun("simulated", 1, "--set", "chip.seed=41");
    const first = metrics(onChip, "measured");
    expect(first.stderr).toMatch(
      /^calibration: simulated-41 for hidden, readout: none is stored; measuring$/m,
    );
    const [, path = ""] =
      /^calibration: simulated-41 for hidden, readout: kept as (\S+)$/m.exec(first.stderr) ?? [];
    expect(existsSync(resolve(cwd, path))).toBe(true);
    const second = metrics(onChip, "stored");
    expect(second.stderr).toContain(path);
    expect(second.stderr).not.toMatch(/measuring/);
    expect(second.lines).toEqual(first.lines);
  });
});
