import { expect, test } from "vitest";
import { train } from "../../src/engine/train.ts";
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
    plan: { experiment, calibrations: new Map() },
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
