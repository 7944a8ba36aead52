import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventprop } from "./program.ts";
import { readJson, tinyRun } from "./tiny-runs.ts";

let folder: string;
let run: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "eventprop-evaluate-"));
  run = join(folder, "run");
  expect(eventprop(tinyRun("simulated", 2, "--out", run)).code).toBe(0);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Lines of a file of an evaluation, without the header. */
function rows(evaluation: string, file: string): string[][] {
  const text = readFileSync(join(evaluation, file), "utf8").trimEnd();
  return text
    .split("\n")
    .slice(1)
    .map((line) => line.split(","));
}

describe("evaluate", () => {
  it("gives on the run's own chip what the run gave, and says which sample is what", () => {
    const { code, stdout } = eventprop(["evaluate", run]);
    expect(code).toBe(0);
    const evaluation = join(run, "evaluations", "test-simulated-1");
    expect(stdout).toContain(evaluation);
    const result = readJson(evaluation, "result.json");
    const ended = readJson(run, "result.json");
    expect(result).toMatchObject({
      accuracy: ended.testAccuracy,
      loss: ended.testLoss,
      samples: 20,
      repeats: 1,
      classes: ["yang", "yin", "dot"],
      vote: null,
    });
    const predictions = rows(evaluation, "predictions.csv");
    expect(predictions).toHaveLength(20);
    const right = predictions.filter(([, , label, prediction]) => label === prediction).length;
    expect(right / 20).toBe(ended.testAccuracy);
    for (const [, , , prediction, ...scores] of predictions) {
      const best = Math.max(...scores.map(Number));
      expect(["yang", "yin", "dot"][scores.map(Number).indexOf(best)]).toBe(prediction);
    }
    const confusion = rows(evaluation, "confusion.csv");
    expect(confusion.map(([label]) => label)).toEqual(["yang", "yin", "dot"]);
    expect(confusion.reduce((sum, row, label) => sum + Number(row[label + 1]), 0)).toBe(right);
  });

  it("runs the weights in software, and repeats them on the chip with fresh noise", () => {
    const software = eventprop(["evaluate", run, "--set", "chip.kind=software", "--json"]);
    const [only] = JSON.parse(software.stdout).evaluations;
    expect(only).toMatchObject({ substrate: "software", lost: null });
    const repeated = eventprop([
      ...["evaluate", run, "--repeats", "3", "--split", "validation", "--json"],
      ...["--record", "2-3,19"],
    ]);
    const { folder: place, runs, accuracy, vote } = JSON.parse(repeated.stdout).evaluations[0];
    expect(runs).toHaveLength(3);
    const mean = runs.reduce((sum: number, one: { accuracy: number }) => sum + one.accuracy, 0) / 3;
    expect(accuracy).toBeCloseTo(mean, 12);
    expect(new Set(runs.map((one: { loss: number }) => one.loss)).size).toBe(3);
    const votes = rows(place, "votes.csv");
    expect(votes.filter(([, label, voted]) => label === voted).length / 20).toBe(vote.accuracy);
    const recorded = (file: string) => new Set(rows(place, file).map(([sample]) => sample));
    for (const file of ["events.csv", "membrane.csv"])
      expect(recorded(file)).toEqual(new Set(["2", "3", "19"]));
    expect(readdirSync(place)).toContain("spikes.csv");
    expect(readdirSync(join(run, "evaluations")).some((name) => name.startsWith("."))).toBe(false);
  });

  it("runs the samples of a file, and names them by it", () => {
    const file = join(folder, "new samples.csv");
    writeFileSync(file, "x,y,u,v,label\n0.5,0.9,0.5,0.1,yang\n0.25,0.5,0.75,0.5,dot\n");
    const { code, stdout } = eventprop(["evaluate", run, "--data", file, "--record", "1", "--json"]);
    expect(code).toBe(0);
    const only = JSON.parse(stdout).evaluations[0];
    expect(only).toMatchObject({ split: "data", dataFile: file, samples: 2 });
    expect(only.folder).toContain("data-simulated-1");
    expect(rows(only.folder, "predictions.csv").map(([, , label]) => label)).toEqual(["yang", "dot"]);
    expect(new Set(rows(only.folder, "events.csv").map(([sample]) => sample))).toEqual(new Set(["1"]));
  });

  it.each([
    [["--data", "nowhere.csv"], 3, "nowhere.csv"],
    [["--data", "nowhere.csv", "--split", "test"], 2, "cannot be used with"],
    [["nowhere"], 3, "there is no folder nowhere"],
    [["--repeats", "0"], 2, "a whole number from 1"],
    [["--chips", "5-1"], 2, "numbers and ranges"],
    [["--set", "network.populations.hidden.size=13"], 3, "13 numbers are expected"],
  ])("refuses %j with a reason", (args, code, reason) => {
    const operands = args[0] === "nowhere" ? args : [run, ...args];
    const refused = eventprop(["evaluate", ...operands], { cwd: folder });
    expect(refused.code).toBe(code);
    expect(refused.stderr).toContain(reason);
  });

  it("says which file is missing in a folder that is not a run folder", () => {
    writeFileSync(join(folder, "notes.txt"), "");
    const { code, stderr } = eventprop(["evaluate", folder]);
    expect(code).toBe(3);
    expect(stderr).toContain("has no config.yaml");
    expect(existsSync(join(folder, "evaluations"))).toBe(false);
  });
});
