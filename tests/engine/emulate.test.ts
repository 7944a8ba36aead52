import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { emulate } from "../../src/engine/emulate.ts";
import { loadExperiment } from "../../src/experiment/load.ts";
import { experimentFiles, SMALL } from "../experiment/experiment-files.ts";

const files = experimentFiles();
files.write("small.yaml", SMALL);

/** Conditions that are seen when all weights are `weight`. */
async function seen(kind: "ideal" | "software", weight: number) {
  const set = [`chip={ kind: ${kind} }`];
  const { experiment, components } = loadExperiment("small.yaml", { folder: files.folder, set });
  const { network, encoder, data } = components;
  const folder = join(files.folder, `${kind}-${weight}`);
  mkdirSync(folder);
  const { warnings } = await emulate({
    experiment,
    network,
    weights: new Float64Array(network.weights).fill(weight),
    inputs: encoder.encode(data.test),
    folder,
    report: () => {},
  });
  return warnings;
}

test("weights below half a step of the chip are said to have become 0, and by how many", async () => {
  const zeroed = (await seen("ideal", 0.003)).filter(({ condition }) => condition === "weights-zeroed");
  expect(zeroed.map(({ subject }) => subject)).toEqual(["input>hidden", "hidden>readout"]);
  expect(zeroed[0]!.message).toMatch(
    /^50 of 50 weights of input>hidden are below half a step of the chip \(0\.00\d+\) and became 0$/,
  );
});

test("the same weights in software, and larger ones on the chip, became nothing else", async () => {
  for (const warnings of [await seen("software", 0.003), await seen("ideal", 0.1)])
    expect(warnings.map(({ condition }) => condition)).not.toContain("weights-zeroed");
});
