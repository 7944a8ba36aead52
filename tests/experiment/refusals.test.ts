import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { loadExperiment } from "../../src/experiment/load.ts";
import { experimentFiles, SMALL, userErrorOf } from "./experiment-files.ts";

const files = experimentFiles();
const load = (text: string, set: readonly string[] = []) => {
  files.write("e.yaml", text);
  return loadExperiment("e.yaml", { set, folder: files.folder });
};
const TABLE = SMALL.replace(/^data: .*$/m, "data: { kind: table, path: t.csv }");

describe("the output", () => {
  test("is the population that nothing leaves, wherever it stands in the file", () => {
    files.write("base.yaml", SMALL);
    const deeper = load(
      "extends: base.yaml\nnetwork:\n  populations:\n    second: { model: lif, size: 12 }\n  projections:\n" +
        "    hidden>second: { init: { mean: 0.5, std: 0.8 } }\n    second>readout: { init: { mean: 0, std: 0.1 } }\n",
    );
    expect(deeper.components.loss.output).toBe("readout");
  });

  test("has to be named when there are two such populations", () => {
    const two = SMALL.replace("readout: {", "other: { model: li, size: 3 }\n    readout: {").replace(
      "input>hidden",
      "hidden>other: { init: { mean: 0, std: 0.1 } }\n    input>hidden",
    );
    const error = userErrorOf(() => load(two));
    expect(error.message).toMatch(/nothing leaves other and readout/);
    expect(error.hint).toContain("loss: { output: readout }");
    expect(load(two, ["loss.output=other"]).components.loss.output).toBe("other");
  });
});

describe("numbers that are written in another way", () => {
  test.each([
    ["5,0e-3", "write `5.0e-3`, with a point"],
    ["'0,005'", "write `0.005`, with a point"],
    ["1_0.5", "write `10.5`, without quotes or underscores"],
    ["5 %", "write the share as a number, `0.05`"],
    ["3 us", "it has no unit: write `3`"],
  ])("%s: the hint keeps the value", (written, hint) => {
    const error = userErrorOf(() =>
      load(
        `${SMALL}optimizer: { kind: adam, learningRate: 1 }\n`.replace(
          ": 1 }",
          `: "${written.replaceAll("'", "")}" }`,
        ),
      ),
    );
    expect(error.hint).toBe(hint);
  });

  test.each(["1/3", "1,000", "1.5.2", "5e-3 or so, I think, but do ask somebody who knows better than me"])(
    "%s is not certain: the hint names no value",
    (written) => {
      const error = userErrorOf(() =>
        load(`${SMALL}optimizer: { kind: adam, learningRate: "${written}" }\n`),
      );
      expect(error.hint).not.toMatch(/write/);
    },
  );

  test.each([
    ["5,5 us", "`5.5 us`"],
    ["6 min", "`6 us`"],
    ["3 msec", "`3 ms`"],
  ])("a time of %s", (written, example) => {
    const error = userErrorOf(() => load(SMALL.replace("38 us", `"${written}"`)));
    if (written.endsWith("min")) expect(error.hint).toMatch(/e\.g\. `6 us`$/);
    else expect(error.hint).toContain(example);
  });
});

describe("data tables", () => {
  test("whose first row is data are refused, not shortened by a row", () => {
    const rows = Array.from({ length: 30 }, (_, i) => `0.${i + 10},0.${90 - i},${i % 2 ? "red" : "blue"}`);
    files.write("t.csv", rows.join("\n"));
    const named = TABLE.replace("t.csv", "t.csv, label: blue");
    const error = userErrorOf(() => load(named));
    expect(error.message).toMatch(/names of the columns look like values/);
    expect(error.hint).toContain("header: false");
    const { data } = load(TABLE.replace("t.csv", "t.csv, header: false, label: c3")).components;
    expect(data.train.size + data.validation.size + data.test.size).toBe(30);
  });

  test("with semicolons and decimal commas are read, and missing values refused or dropped", () => {
    files.write("t.csv", "x;y;label\n0,5;1,25;a\n1,0;2;b\n0,25;;a\n0,1;3;b\n");
    const all = ["data.validation=0", "data.test=0"];
    expect(userErrorOf(() => load(TABLE, all)).message).toMatch(/row 4, column y: is empty/);
    const dropped = load(TABLE, [...all, "data.missing=drop"]);
    expect(dropped.components.data.train.size).toBe(3);
    expect(dropped.warnings.map(({ message }) => message).join()).toMatch(/1 of 4 rows of .* miss a value/);
  });

  test("that leave a part without samples are warned of", () => {
    files.write("t.csv", "x,y,label\n0.5,1,a\n1,2,b\n0.25,3,a\n");
    const messages = load(TABLE).warnings.map(({ message }) => message);
    expect(messages.join()).toMatch(/there are no validation samples.*there are no test samples/);
  });

  test("are files of their own for each part when asked", () => {
    files.write("t.csv", "x,y,label\n0.5,1,a\n1,2,b\n0.25,3,a\n");
    files.write("u.csv", "label,y,x\nb,4,0.5\n");
    const { data } = load(TABLE, ["data.testPath=u.csv", "data.validation=0"]).components;
    expect([data.train.size, data.test.size]).toEqual([3, 1]);
    expect(data.test.labels[0]).toBe(1);
    expect(data.train.classNames).toEqual(["a", "b"]);
  });

  test("are split by a column when asked, or class by class", () => {
    const lines = Array.from(
      { length: 20 },
      (_, i) => `${i},${i < 4 ? "rare" : "often"},${i % 5 ? "train" : "test"}`,
    );
    files.write("t.csv", `x,label,part\n${lines.join("\n")}\n`);
    const byColumn = load(TABLE, ["data.split=part"]).components.data;
    expect([byColumn.train.size, byColumn.validation.size, byColumn.test.size]).toEqual([16, 0, 4]);
    const strata = load(TABLE, [
      "data.stratify=true",
      "data.features=[x]",
      "data.test=0.25",
      "data.validation=0.25",
    ]).components.data;
    for (const part of [strata.validation, strata.test])
      expect([...part.labels].filter((label) => part.classNames[label] === "rare")).toHaveLength(1);
  });
});

describe("files that would not end", () => {
  test("pipes and devices are refused, as data, experiments and bases", () => {
    const pipe = `${files.folder}/pipe`;
    execFileSync("mkfifo", [pipe]);
    for (const path of [pipe, "/dev/zero"]) {
      expect(userErrorOf(() => load(TABLE.replace("t.csv", path))).message).toMatch(/not a regular file/);
      expect(userErrorOf(() => load(`extends: ${path}\n`)).message).toMatch(/not a regular file/);
      expect(userErrorOf(() => loadExperiment(path)).message).toMatch(/not a regular file/);
    }
  });

  test("bases that multiply or follow each other without end are refused", () => {
    for (let i = 0; i < 18; i++)
      files.write(`fan${i}.yaml`, i === 17 ? "seed: 1\n" : `extends: [fan${i + 1}.yaml, fan${i + 1}.yaml]\n`);
    expect(userErrorOf(() => load("extends: fan0.yaml\n")).message).toMatch(/extends more than 64 files/);
    for (let i = 0; i < 80; i++) files.write(`chain${i}.yaml`, `extends: chain${i + 1}.yaml\n`);
    expect(userErrorOf(() => load("extends: chain0.yaml\n")).message).toMatch(/extends more than 64 files/);
  });
});

describe("delays on a chip", () => {
  const delay = (name: string, kind: string): string => `network.projections.${name}.delay={ kind: ${kind} }`;
  const onChip = "chip={ kind: ideal }";

  test("are allowed where the host sends the events", () => {
    const { components } = load(SMALL, [onChip, delay("input>hidden", "axonal")]);
    expect(components.network.segments.map(({ name }) => name)).toEqual(["delay input>hidden"]);
  });

  test.each([
    ["hidden>readout", "axonal", "which the synapses of a chip do not"],
    ["input>hidden", "synaptic", "one event of an input reaches all its synapses at the same time"],
    ["input>hidden", "dendritic", "one event of an input reaches all its synapses at the same time"],
  ])("are refused elsewhere: %s, %s", (name, kind, reason) => {
    const error = userErrorOf(() => load(SMALL, [onChip, delay(name, kind)]));
    expect(error.code).toBe("compatibility");
    expect(error.message).toContain(reason);
    expect(error.where).toBeDefined();
  });
});

describe("neuron models on a chip", () => {
  const hidden = (text: string): string[] => [
    "chip={ kind: ideal }",
    `network.populations.hidden={ ${text} }`,
  ];
  const adaptive = "size: 12, adaptationJump: 0.1, tauAdaptation: 40 us";

  test("with adaptation and an exponential current are emulated", () => {
    const { components } = load(SMALL, hidden(`model: adex, ${adaptive}, slopeFactor: 0.0714`));
    expect(components.network.populations[0]?.model.kind).toBe("adex");
    expect(() => load(SMALL, hidden(`model: alif, ${adaptive}`))).not.toThrow();
  });

  test.each([
    ["model: qif, size: 12", "which the circuits of a chip do not emulate"],
    [`model: adex, ${adaptive}, slopeFactor: 0.2`, "has no word for its slope, which is 0.0714"],
    [`model: alif, ${adaptive}, thresholdJump: 0.1`, "the threshold of a circuit stays where it is"],
    ["model: alif, size: 12, adaptationJump: 0.1, tauAdaptation: 5 us", "not faster than 33 us"],
  ])("are refused where a circuit has nothing for them: %s", (text, reason) => {
    const error = userErrorOf(() => load(SMALL, hidden(text)));
    expect(error.code).toBe("compatibility");
    expect(error.message).toContain(reason);
  });
});
