import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readMetrics } from "../../src/engine/metrics.ts";
import { prepareRun } from "../../src/engine/run-config.ts";
import { type TrainProgress, train } from "../../src/engine/train.ts";
import { loadExperiment } from "../../src/experiment/load.ts";
import { experimentFiles, SMALL } from "../experiment/experiment-files.ts";

const files = experimentFiles();
files.write("small.yaml", SMALL);

/** A training run in software that learns without bound in the second projection only. */
function runAway(): Promise<unknown> {
  const { experiment } = loadExperiment("small.yaml", {
    folder: files.folder,
    set: [
      "optimizer={ kind: sgd, learningRate: 1 }",
      "regularizers=[]",
      "network.projections.hidden>readout.learningRate=1e308",
    ],
  });
  return train({
    prepared: prepareRun({ experiment, calibrations: new Map() }),
    folder: files.folder,
    workers: 1,
    report: () => {},
    stopRequested: () => false,
  });
}

test("ends where a weight is not finite, whichever it is", async () => {
  await expect(runAway()).rejects.toMatchObject({
    code: "diverged",
    message: "a weight after its update is not finite in batch 1 of epoch 1",
  });
});

/** Weights and outcome of a training in software, in a folder of its own. */
async function trained(name: string, ...set: string[]) {
  const { experiment } = loadExperiment("small.yaml", { folder: files.folder, set });
  const folder = join(files.folder, name);
  mkdirSync(folder);
  const progress: TrainProgress = { epochs: 0, last: {}, warnings: [] };
  const outcome = await train({
    prepared: prepareRun({ experiment, calibrations: new Map() }),
    folder,
    workers: 1,
    report: () => {},
    stopRequested: () => false,
    progress,
  });
  return { ...outcome, progress, rows: readMetrics(join(folder, "metrics.csv")) };
}

test("keeps the weights of the best validation, as if the training had ended there", async () => {
  const set = ["optimizer={ kind: adam, learningRate: 0.05 }", "training.best.measure=accuracy"];
  const long = await trained("best", ...set, "training.epochs=8");
  const { best } = long.progress;
  const accuracies = long.rows.filter(({ split }) => split === "validation").map(({ accuracy }) => accuracy!);
  expect(best?.accuracy).toBe(Math.max(...accuracies));
  expect(best!.epoch).toBeLessThan(8);
  const short = await trained("short", ...set.slice(0, 1), `training.epochs=${best?.epoch}`);
  expect(long.weights).toEqual(short.weights);
  expect(long.last.test?.loss).toBe(short.last.test?.loss);
});

test("stops early, and tests what it has then", async () => {
  const stopped = await trained(
    "early",
    "optimizer={ kind: adam, learningRate: 1e-9 }",
    "training.epochs=50",
    "training.earlyStopping={ patience: 3, minDelta: 0.01 }",
  );
  expect(stopped.outcome).toBe("finished");
  expect(stopped.epochs).toBe(4);
  expect(stopped.last.test?.epoch).toBe(4);
});

test("has no row and no number for a split without samples", async () => {
  files.write(
    "rows.csv",
    `x,label\n${Array.from({ length: 8 }, (_, i) => `0.${i},${"abc"[i % 3]}`).join("\n")}\n`,
  );
  const { rows, last, progress } = await trained(
    "empty",
    "data={ kind: table, path: rows.csv, validation: 0, test: 0 }",
  );
  expect(rows.map(({ split }) => split)).toEqual(["train", "train", "train"]);
  expect(last.validation).toBeUndefined();
  expect(rows.every(({ loss, accuracy }) => Number.isFinite(loss) && Number.isFinite(accuracy))).toBe(true);
  expect(progress.warnings.every(({ split }) => split === "train")).toBe(true);
});

test("says that nothing is learned where no neuron can spike", async () => {
  const { progress } = await trained("silent", "network.projections.input>hidden.init={ mean: 0, std: 0 }");
  expect(progress.warnings.map(({ condition, subject }) => [condition, subject])).toEqual(
    expect.arrayContaining([
      ["silent-population", "hidden"],
      ["zero-gradient", "input>hidden"],
      ["zero-gradient", "hidden>readout"],
      ["outputs-tied", "train"],
    ]),
  );
});
