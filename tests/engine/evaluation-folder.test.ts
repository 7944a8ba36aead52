import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Answers } from "../../src/engine/evaluation.ts";
import { evaluationResult, writeEvaluation } from "../../src/engine/evaluation-folder.ts";
import { summarize } from "../../src/engine/evaluation-summary.ts";
import { noCost } from "../../src/engine/executor.ts";
import { buildNetwork } from "../../src/network/network.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const NOTHING = {
  saturated: 0,
  effective: new Float64Array(3),
  zeroed: new Int32Array(1),
  limited: new Int32Array(1),
};
const tau = { tauMem: 6, tauSynExc: 6, tauSynInh: 6, threshold: 1, reset: 0, refractory: 0 };
const ANSWERS: Answers = {
  network: buildNetwork(
    1,
    [{ name: "output", model: "lif", size: 3, ...tau }],
    [{ from: "input", to: "output", rows: 1 }],
    38,
  ),
  data: {
    name: "test",
    sources: 1,
    inputs: {
      samples: 2,
      offset: new Int32Array(3),
      time: new Float64Array(0),
      source: new Int32Array(0),
      id: Int32Array.of(0, 1),
    },
    labels: Uint8Array.of(0, 1),
    classNames: ["a, the first", "b"],
  },
  output: "output",
  samples: 2,
  repeats: 1,
  outputs: 3,
  loss: Float64Array.of(0.25, 0.75),
  prediction: Int16Array.of(2, -1),
  missing: Uint16Array.of(0, 3),
  scores: Float64Array.of(0.1, -1, 1 / 3, 0, 0, 0),
  spikes: Float64Array.of(1, 0, 2),
  silentEntries: Int32Array.of(1),
  cost: noCost(),
  loaded: NOTHING,
  weightSteps: new Float64Array(1),
};

const FOLDER = temporaryFolder();

function write(parent: string): Promise<string> {
  const summary = summarize(ANSWERS);
  const subject = {
    experiment: "mine",
    weights: "0",
    substrate: "software",
    chip: {},
    split: "test",
    dataFile: null,
    overrides: [],
    command: [],
    version: "0",
    started: "",
    wallSeconds: 0,
    warnings: [],
  };
  return writeEvaluation(parent, "test-software", {
    result: evaluationResult(subject, ANSWERS, summary),
    answers: ANSWERS,
    summary,
  });
}

describe("folder of an evaluation", () => {
  it("has a row per sample, classes by their names, and full digits", async () => {
    const folder = await write(join(FOLDER, "new", "evaluations"));
    const read = (file: string) => readFileSync(join(folder, file), "utf8");
    expect(read("predictions.csv")).toBe(
      'sample,repeat,label,prediction,"score a, the first",score b,score output 2\n' +
        '0,1,"a, the first",output 2,0.1,-1,0.3333333333333333\n' +
        "1,1,b,,0,0,0\n",
    );
    expect(read("confusion.csv")).toBe(
      'label,"a, the first",b,output 2,none\n"a, the first",0,0,1,0\nb,0,0,0,1\n',
    );
    expect(JSON.parse(read("result.json"))).toMatchObject({ accuracy: 0, loss: 0.5, unanswered: 1, tied: 0 });
    expect(readdirSync(folder).sort()).toEqual(["confusion.csv", "predictions.csv", "result.json"]);
  });

  it("takes the next free name and leaves existing files as they are", async () => {
    const parent = join(FOLDER, "taken");
    mkdirSync(join(parent, "test-software"), { recursive: true });
    writeFileSync(join(parent, "test-software", "mine.txt"), "mine");
    expect(await write(parent)).toBe(join(parent, "test-software-2"));
    expect(await write(parent)).toBe(join(parent, "test-software-3"));
    expect(readdirSync(join(parent, "test-software"))).toEqual(["mine.txt"]);
    expect(readdirSync(parent)).toHaveLength(3);
  });
});
