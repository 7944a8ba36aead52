/** `study gradients` on a simulated chip, with few samples and directions. */

import { join } from "node:path";
import { expect, test } from "vitest";
import { loadExperiment } from "../../src/experiment/load.ts";
import { gradientStudy } from "../../src/study/gradients/gradient-study.ts";
import { SMOKE } from "../cli/tiny-runs.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

const OPTIONS = { seeds: [1], epochs: [0, 1], samples: 150, runs: 2, directions: 30 };

test("the readout's exact gradient is that of the mean loss; the smoothed one is nearer to it in the hidden layer", async () => {
  const { experiment } = loadExperiment(SMOKE, {
    folder: process.cwd(),
    set: ["estimator={ kind: eventprop-smoothed, width: 0.03, slopeFloor: 0.1 }", "data.trainSize=400"],
  });
  const folder = join(temporaryFolder(), "study");
  const { rows } = await gradientStudy(experiment, OPTIONS, { folder, workers: 1, report: () => {} });
  const estimators = ["eventprop", "eventprop-smoothed", "eventprop-grid", "surrogate"];
  // Two states of two projections.
  expect(rows.map(({ estimator }) => estimator)).toEqual(Array.from({ length: 4 }, () => estimators).flat());
  const of = (projection: string, epochs: number, estimator: string) =>
    rows.find(
      (row) => row.projection === projection && row.epochs === epochs && row.estimator === estimator,
    )!;
  for (const epochs of OPTIONS.epochs) {
    const { cosine, size } = of("hidden>readout", epochs, "eventprop");
    expect(cosine).toBeGreaterThan(0.9);
    expect(Math.abs(size! - 1)).toBeLessThan(0.25);
    const smoothed = of("input>hidden", epochs, "eventprop-smoothed").cosine!;
    expect(smoothed).toBeGreaterThan(0.5);
    expect(smoothed).toBeGreaterThan(of("input>hidden", epochs, "eventprop").cosine!);
  }
  for (const { variance, noiseVariance } of rows) {
    expect(noiseVariance).toBeGreaterThan(0);
    expect(variance).toBeGreaterThan(0);
  }
});
