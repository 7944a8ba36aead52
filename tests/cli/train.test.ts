import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { eventprop } from "./program.ts";
import { readJson, SMOKE, tinyRun } from "./tiny-runs.ts";

const cwd = temporaryFolder();
const at = (folder: string): string => join(cwd, folder);

/** What a run folder must hold, and what this program adds: bytes kept, and the same for a surrogate gradient. */
const COLUMNS =
  "epoch,split,loss,loss_classification,loss_regularization,accuracy,spikes_per_sample,silent_neurons," +
  "saturated_weights,capped_jumps,missing_outputs,learning_rate,bytes_observed_per_sample,bytes_kept_per_sample," +
  "bytes_observed_surrogate,bytes_kept_surrogate,epoch_ms,chip_ms,host_ms";

// Reproducibility, and the ideal chip, which is calibrated first: tests/slow/reproducible.test.ts.
describe.each(["software", "simulated"] as const)("train on %s", (kind) => {
  const chip = kind === "simulated";
  const first = eventprop(tinyRun(kind, 2, "--set", "training.workers=1", "--out", `${kind}-1`), { cwd });

  it("prints a table and the folder on stdout, plain lines on stderr", () => {
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(
      /^epochs +validation +test +test loss +time\n +2 +\d+\.\d % +\d+\.\d % +\d\.\d+ +\d+\.\d s\n\S+-1\n$/,
    );
    expect(first.stderr).toMatch(/^epoch 2\/2 {2}loss \S+ {2}accuracy \S+ {2}validation \S+ {2}silent \d+$/m);
    expect(
      /^calibration: simulated-1 for hidden, readout: found in \S+simulated-1-\w+\.json$/m.test(first.stderr),
    ).toBe(chip);
    // Nothing that only a terminal understands.
    expect(first.stderr).not.toContain("\r");
    expect(first.stderr).not.toContain("\u001b");
  });

  it("leaves a folder with every file of docs/run-folder.md", () => {
    const always = [
      "checkpoint.bin",
      "config.source.yaml",
      "config.yaml",
      "figures",
      "log.ndjson",
      "metrics.csv",
    ];
    const onChip = ["calibration.csv", "calibration.json", "placement.json"];
    expect(readdirSync(at(`${kind}-1`)).sort()).toEqual(
      [
        ...always,
        "observed.json",
        "provenance.json",
        "result.json",
        "weights.json",
        ...(chip ? onChip : []),
      ].sort(),
    );
    expect(readFileSync(at(`${kind}-1/config.source.yaml`), "utf8")).toBe(readFileSync(SMOKE, "utf8"));
    for (const line of readFileSync(at(`${kind}-1/log.ndjson`), "utf8")
      .trimEnd()
      .split("\n"))
      JSON.parse(line);
    const { ok, outcome, testAccuracy, wallSeconds, seeds } = readJson(at(`${kind}-1`), "result.json");
    expect({ ok, outcome, seeds }).toEqual({
      ok: true,
      outcome: "finished",
      seeds: { run: 1, chip: chip ? 1 : null },
    });
    expect(wallSeconds).toBeGreaterThan(0);
    expect(readJson(at(`${kind}-1`), "provenance.json")).toMatchObject({ exitCode: 0 });
    const last = readFileSync(at(`${kind}-1/metrics.csv`), "utf8")
      .trimEnd()
      .split("\n")
      .at(-1)
      ?.split(",");
    expect([last?.[1], Number(last?.[5])]).toEqual(["test", testAccuracy]);
  });

  it("writes one row per epoch and split", () => {
    const [header, ...rows] = readFileSync(at(`${kind}-1/metrics.csv`), "utf8")
      .trimEnd()
      .split("\n");
    // Columns are added at the end, so that readers by position go on working.
    expect(header).toMatch(new RegExp(`^${COLUMNS},`));
    expect(rows.map((row) => row.split(",").slice(0, 2).join(" "))).toEqual([
      "1 train",
      "1 validation",
      "2 train",
      "2 validation",
      "2 test",
    ]);
    const cells = rows.map((row) => row.split(","));
    const column = (name: string) => cells.map((row) => row[COLUMNS.split(",").indexOf(name)] as string);
    // docs/memory.md: a surrogate gradient would observe 27 rows of each half of the chip, and keep a
    // byte of 15 neurons from the 23 rows within the sample. EventProp observes the half of the readout.
    expect(new Set(column("bytes_observed_surrogate"))).toEqual(new Set([chip ? "41984" : ""]));
    expect(column("bytes_kept_surrogate")[0]).toBe(chip ? "345" : "");
    const spikes = Number(column("spikes_per_sample")[0]);
    expect(Number(column("bytes_kept_per_sample")[0])).toBeCloseTo(8 * spikes, 9);
    const observed = Number(column("bytes_observed_per_sample")[0]);
    expect(observed).toBeCloseTo(chip ? 20992 + 8 * spikes : 0, 9);
    for (const name of ["epoch_ms", "chip_ms", "host_ms"])
      for (const cell of column(name)) expect(Number(cell)).toBeGreaterThan(0);
  });
});

describe("train refuses, and writes nothing", () => {
  beforeAll(() => {
    mkdirSync(at("taken"));
    writeFileSync(at("taken/metrics.csv"), "precious");
  });
  const written = () => readdirSync(cwd).sort();

  it("a folder that holds something", () => {
    const { code, stdout, stderr } = eventprop(tinyRun("software", 1, "--out", "taken"), { cwd });
    expect([code, stdout]).toEqual([6, ""]);
    expect(stderr).toMatch(/^error: taken is not empty; a run is never written over another\n {2}hint: /);
    expect(readdirSync(at("taken"))).toEqual(["metrics.csv"]);
    expect(readFileSync(at("taken/metrics.csv"), "utf8")).toBe("precious");
  });

  it("a folder name that is a file", () => {
    const { code, stderr } = eventprop(tinyRun("software", 1, "--out", "taken/metrics.csv"), { cwd });
    expect(code).toBe(6);
    expect(stderr).toMatch(/^error: .*taken\/metrics\.csv/);
  });

  it("a network that does not fit, naming what runs out and what would fit", () => {
    const before = written();
    const size = ["hidden.size=400", "readout.circuits=1"].flatMap((set) => [
      "--set",
      `network.populations.${set}`,
    ]);
    const { code, stdout, stderr } = eventprop(tinyRun("simulated", 1, ...size, "--out", "wide"), { cwd });
    expect([code, stdout]).toEqual([3, ""]);
    expect(stderr).toMatch(/synapse rows.*"readout" needs 800 rows.*a circuit has 256, 544 too few/);
    expect(stderr).toMatch(/hint: The nearest that fits: 128 neurons in "hidden" instead of 400/);
    expect(written()).toEqual(before);
  });

  it("a call without a file", () => {
    const { code, stderr } = eventprop(["train"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: no experiment file\n {2}hint: e\.g\. npx eventprop train /);
  });
});

describe.each([1, 2])("a run that diverges, %i workers", (workers) => {
  it("stops, names the batch, and keeps what was written", () => {
    const folder = `diverged-${workers}`;
    const rate = ["--set", "optimizer.learningRate=1e300", "--set", `training.workers=${workers}`];
    const { code, stdout, stderr } = eventprop(tinyRun("software", 3, ...rate, "--out", folder), { cwd });
    expect([code, stdout]).toEqual([5, ""]);
    expect(stderr).toMatch(
      /^error: .* in batch [12] of epoch 1\n {2}hint: .*what was written up to here is kept$/m,
    );
    expect(readFileSync(at(`${folder}/metrics.csv`), "utf8")).toMatch(new RegExp(`^${COLUMNS},[^\n]*\n$`));
    const { ok, outcome, message } = readJson(at(folder), "result.json");
    expect([ok, outcome]).toEqual([false, "diverged"]);
    expect(stderr).toContain(message);
    expect(existsSync(at(`${folder}/config.yaml`))).toBe(true);
  });
});

it("--dry-run estimates time, memory and bytes, and writes nothing", () => {
  const cwd = temporaryFolder();
  const { code, stdout, stderr } = eventprop(
    tinyRun("ideal", 5, "--dry-run", "--json", "--set", "chip.kind=software"),
    { cwd },
  );
  expect(code, stderr).toBe(0);
  const estimate = JSON.parse(stdout) as Record<string, number | null>;
  for (const key of ["seconds", "secondsPerEpoch", "memoryBytes", "diskBytes"])
    expect(estimate[key]).toBeGreaterThan(0);
  expect(estimate["observedBytesPerEpoch"]).toBeNull();
  expect(readdirSync(cwd)).toEqual([]);
});
