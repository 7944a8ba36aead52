import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeExperimentFiles } from "../../../src/gradcheck/experiment/files.ts";
import { temporaryFolder } from "../../engine/temporary-folder.ts";
import { experimentFiles } from "../../experiment/experiment-files.ts";
import { expectSoundSvg, textsOf } from "../../figures/svg.ts";
import { check, estimatorsOf, load, problemOf, SPIKING } from "./small-experiment.ts";

const folder = temporaryFolder();
const loaded = load(experimentFiles(), SPIKING);

it("keeps every difference with each estimate, as a table and as a figure", async () => {
  const result = await check(problemOf(loaded), estimatorsOf(loaded, ["eventprop", "surrogate"]));
  await writeExperimentFiles(folder, "<small>", result, { samples: result.samples });
  expect(readdirSync(folder).sort()).toEqual(["gradients.csv", "gradients.svg", "result.json"]);

  const [header, ...rows] = readFileSync(join(folder, "gradients.csv"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split(","));
  expect(header).toEqual([
    "estimator",
    "projection",
    "weight",
    "sample",
    "difference",
    "estimate",
    "claimed",
  ]);
  const used = result.differences.reduce((sum, { pairs, skippedPairs }) => sum + pairs - skippedPairs, 0);
  expect(rows).toHaveLength(2 * used);
  const distance = (name: string): number =>
    Math.max(
      ...rows
        .filter(([estimator]) => estimator === name)
        .map(([, , , , difference, estimate]) => Math.abs(Number(estimate) - Number(difference))),
    );
  expect(distance("eventprop")).toBeLessThan(1e-6);
  expect(distance("surrogate")).toBeGreaterThan(1e-3);

  const svg = readFileSync(join(folder, "gradients.svg"), "utf8");
  expectSoundSvg(svg);
  expect(textsOf(svg)).toEqual(
    expect.arrayContaining([
      "Gradients against central differences: &lt;small&gt;",
      "eventprop",
      "input&gt;hidden",
      "hidden&gt;output",
    ]),
  );
});
