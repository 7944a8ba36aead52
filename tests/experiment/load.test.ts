import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadExperiment } from "../../src/experiment/load.ts";
import { experimentFiles, SMALL, userErrorOf } from "./experiment-files.ts";

const files = experimentFiles();
const load = (text: string, set: readonly string[] = []) => {
  files.write("e.yaml", text);
  return loadExperiment("e.yaml", { set, folder: files.folder });
};
/** SMALL with one line replaced; lines count from 1. */
const changed = (line: number, text: string) => {
  const lines = SMALL.split("\n");
  lines[line - 1] = text;
  return lines.join("\n");
};

describe("a good experiment", () => {
  const loaded = load(SMALL);

  test("times are numbers of µs, whatever their unit was", () => {
    const { experiment } = load(changed(5, "  duration: 0.038 ms"));
    expect(experiment.network.duration).toBeCloseTo(38, 12);
    expect(experiment.network.populations["hidden"]).toMatchObject({ tauMem: 6, tauSyn: 6, refractory: 1 });
    expect(experiment.encoding).toMatchObject({ kind: "latency", early: 2, late: 26, bias: 2, copies: 1 });
  });

  test("what is left out has its default", () => {
    expect(loaded.experiment.seed).toBe(1);
    expect(loaded.experiment.estimator.kind).toBe("eventprop");
    expect(loaded.experiment.regularizers).toEqual([]);
    expect(loaded.isDefault(["seed"])).toBe(true);
    expect(loaded.isDefault(["training", "epochs"])).toBe(false);
  });

  test("without a name it is called as its file", () => {
    expect(load(changed(1, "")).experiment.name).toBe("e");
  });

  test("nothing of it can be changed", () => {
    const { experiment } = loaded;
    expect(() => Object.assign(experiment.training, { epochs: 9 })).toThrow(TypeError);
    expect(() => Object.assign(experiment.network.populations["hidden"] ?? {}, { size: 9 })).toThrow(
      TypeError,
    );
  });

  test("every value can be located, defaults at what holds them", () => {
    expect(loaded.locate(["training", "epochs"])).toMatchObject({ file: "e.yaml", line: 15, column: 11 });
    expect(loaded.locate(["training", "evaluateEvery"])).toMatchObject({ line: 14, column: 1 });
    const error = loaded.fail("placement", ["network", "populations", "hidden", "size"], "too many");
    expect(error.where).toMatchObject({ line: 7, text: expect.stringContaining("size: 10") });
  });

  test("what the checks built comes along", () => {
    const { network, encoder, data, loss } = loaded.components;
    expect(encoder.inputs).toBe(5);
    expect(network).toMatchObject({ inputs: 5, neurons: 13, weights: 5 * 10 + 10 * 3 });
    expect(network.projections.map(({ name, rows }) => [name, rows])).toEqual([
      ["input>hidden", 5],
      ["hidden>readout", 1],
    ]);
    expect(data.train.size).toBe(20);
    expect(loss.output).toBe("readout");
  });

  test("overrides are remembered, the seed last", () => {
    files.write("e.yaml", SMALL);
    const options = { set: ["training.epochs=7"], seed: 9, folder: files.folder };
    const { experiment, overrides } = loadExperiment("e.yaml", options);
    expect(experiment).toMatchObject({ seed: 9, training: { epochs: 7 } });
    expect(overrides).toEqual(["training.epochs=7", "seed=9"]);
  });

  test("another kind of chip keeps what it knows and drops the rest", () => {
    const chip = "chip: { kind: simulated, seed: 3, noise: 0.5, constants: nominal }";
    expect(load(changed(12, chip), ["chip.kind=software"]).experiment.chip).toEqual({ kind: "software" });
    const ideal = load(changed(12, chip), ["chip.kind=ideal"]).experiment.chip;
    expect(ideal).toMatchObject({
      kind: "ideal",
      constants: "nominal",
      target: { leak: 80, threshold: 150 },
    });
    expect(ideal).not.toHaveProperty("seed");
  });

  test("an option written for the wrong kind is still an error", () => {
    const error = userErrorOf(() => load(changed(12, "chip: { kind: software, seed: 3 }")));
    expect(error.message).toBe("unknown key `seed` in `chip`");
  });

  test("file names are relative to where they stand", () => {
    files.write(
      "rows.csv",
      `a,b,label\n${Array.from({ length: 20 }, (_, i) => `${i},${i % 7},${i % 3}`).join("\n")}\n`,
    );
    files.write("e.yaml", changed(2, "data: { kind: table, path: rows.csv }"));
    const { experiment, resolved } = loadExperiment(join(files.folder, "e.yaml"), { folder: "/" });
    expect(experiment.data).toMatchObject({ path: join(files.folder, "rows.csv") });
    expect(resolved["data"]).toMatchObject({ path: join(files.folder, "rows.csv") });
  });
});

describe("wrong values, each with its place and a hint", () => {
  const cases: readonly [line: number, text: string, column: number, message: RegExp, hint: RegExp][] = [
    [15, "  epoch: 3", 3, /unknown key `epoch` in `training`/, /did you mean `epochs`/],
    [15, "  zzz: 3", 3, /unknown key `zzz`/, /keys here: epochs, batch/],
    [15, "  <<: 3", 3, /unknown key `<<`/, /extends/],
    [5, "  duration: 38", 13, /`network\.duration` needs a unit/, /`38 us`/],
    [5, "  duration: 38 Us", 13, /not a time/, /`38 us`/],
    [5, "  duration: us", 13, /not a time/, /`6 us`/],
    [5, "  duration: 0 us", 13, /more than 0 us, not 0 us/, /Length of one sample/],
    [5, "  duration: [38 us]", 13, /a time with its unit, not a list/, /6 us/],
    [5, "  duration:", 3, /a time with its unit, not empty/, /6 us/],
    [5, "", 1, /`duration` is missing in `network`/, /Length of one sample/],
    [
      7,
      "    hidden: { model: lif, size: 10, tauMem: -6 us }",
      45,
      /more than 0 us, not -6 us/,
      /default is `6 us`/,
    ],
    [7, "    hidden: { model: lif, size: 0 }", 33, /must be at least 1, not 0/, /Number of neurons/],
    [7, "    hidden: { model: lif, size: 2.5 }", 33, /a whole number, not `2\.5`/, /Number of neurons/],
    [7, "    hidden: { model: lif, size: 1_0 }", 33, /a whole number, not `1_0`/, /`10`/],
    [7, "    hidden: { model: lif, size: 10 us }", 33, /a whole number, not `10 us`/, /no unit/],
    [7, "    hidden: { model: lifs, size: 10 }", 22, /cannot be `lifs`/, /did you mean `lif`/],
    [7, "    hidden: { size: 10 }", 5, /`model` is missing/, /lif, li/],
    [8, "    readout: { model: li, size: 3, threshold: 1 }", 36, /unknown key `threshold`/, /tauMem/],
    [7, "    1hidden: { model: lif, size: 10 }", 5, /`1hidden` is not a name/, /letters/],
    [10, "    input-hidden: { init: { mean: 1, std: 1 } }", 5, /`input-hidden` is not a name/, /from>to/],
    [10, "    input>hidden: { init: { mean: 1, std: -1 } }", 43, /at least 0, not -1/, /standard deviation/],
    [10, "    input>hidden: { init: { mean: 1 } }", 21, /`std` is missing/, /standard deviation/],
    [13, "loss: { kind: max-overtime }", 15, /cannot be `max-overtime`/, /did you mean `max-over-time`/],
    [13, "loss: max-over-time", 7, /must be a map/, /\{kind: max-over-time\}/],
    [13, "loss: { kind: first-spike, tau0: 1 }", 34, /needs a unit/, /`1 us`/],
    [13, "", 1, /`loss` is missing/, /minimized/],
    [13, "lost: { kind: max-over-time }", 1, /unknown key `lost`/, /did you mean `loss`/],
    [1, "name: ../up", 7, /`name` cannot be `\.\.\/up`/, /letters/],
    [1, "seed: -1", 7, /at least 0, not -1/, /default is `1`/],
    [1, "regularizers: { kind: rate }", 15, /must be a list, not a map/, /./],
    [
      1,
      "regularizers: [{ kind: rte }]",
      24,
      /`regularizers\[0\]\.kind` cannot be `rte`/,
      /rate, weight-decay/,
    ],
  ];
  test.each(cases)("line %d: %s", (line, text, column, message, hint) => {
    const error = userErrorOf(() => load(changed(line, text)));
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
    expect([error.code, error.exitCode]).toEqual(["experiment-schema", 3]);
    const shownLine = text === "" ? error.where?.line : line;
    expect(error.where).toMatchObject({ file: "e.yaml", line: shownLine, column });
    if (text !== "") expect(error.where?.text).toBe(text);
    expect(error.also).toEqual([]);
  });

  test("several come together in the order of the file, at most five and a count", () => {
    const bad = SMALL.replaceAll("size:", "sizes:")
      .replaceAll("epochs", "epoch")
      .replaceAll("38 us", "38")
      .replace("batch: 5", "batch: x")
      .replace("std: 0.1", "std: y");
    const error = userErrorOf(() => load(bad));
    const lines = [error, ...error.also].map(({ where }) => where?.line);
    expect(lines).toEqual([5, 7, 8, 11, 15, undefined]);
    expect(error.also.at(-1)?.message).toBe("and 1 more");
  });

  test("values from --set are shown in the flag, values from a base in the base", () => {
    files.write("base.yaml", changed(15, "  epochs: many"));
    const based = userErrorOf(() => load("extends: base.yaml\n"));
    expect(based.where).toMatchObject({ line: 15, column: 11 });
    expect(based.where?.file).toMatch(/base\.yaml$/);
    const flagged = userErrorOf(() => load(SMALL, ["seed=3", "training.epoch=3"]));
    expect(flagged.where).toMatchObject({ file: "--set #2", column: 10, text: "training.epoch=3" });
    expect(flagged.hint).toBe("did you mean `epochs`?");
  });
});

describe("values that contradict each other", () => {
  const cases: readonly [
    line: number,
    text: string,
    at: string,
    message: RegExp,
    hint: RegExp | undefined,
  ][] = [
    [11, "    hiden>readout: { init: { mean: 0, std: 1 } }", "11:5", /no population `hiden`/, /`hidden`/],
    [11, "    hidden>reedout: { init: { mean: 0, std: 1 } }", "11:5", /no population `reedout`/, /`readout`/],
    [11, "    readout>hidden: { init: { mean: 0, std: 1 } }", "11:5", /sends no spikes/, /lif/],
    [
      11,
      "    hidden>input: { init: { mean: 0, std: 1 } }",
      "11:5",
      /nothing can project to the input/,
      /populations/,
    ],
    [
      10,
      "    hidden>hidden: { init: { mean: 0, std: 1 } }",
      "9:3",
      /no projection starts at `input`/,
      /input>hidden/,
    ],
    [7, "    hidden: { model: lif, size: 10, reset: 2 }", "7:44", /reset of `hidden` \(2\)/, /without end/],
    [7, "    hidden: { model: lif, size: 10, refractory: 40 us }", "7:49", /refractory/, /only once/],
    [7, "    input: { model: lif, size: 10 }", "7:5", /cannot be called `input`/, /another name/],
    [5, "  duration: 20 us", "3:1", /spikes come up to 26 us/, /duration/],
    [3, "encoding: { kind: latency, late: 40 us }", "3:34", /spikes come up to 40 us/, /duration/],
    [8, "    readout: { model: li, size: 2 }", "8:33", /2 neurons for 3 classes/, /one neuron per class/],
    [13, "loss: { kind: first-spike }", "13:15", /`readout` is a leaky integrator/, /lif/],
    [
      13,
      "loss: { kind: max-over-time, output: redout }",
      "13:38",
      /`redout`, which does not exist/,
      /`readout`/,
    ],
    [1, "regularizers: [{ kind: rate, lower: 3, upper: 1 }]", "1:16", /above 3 and below 1/, /./],
    [
      1,
      "regularizers: [{ kind: rate, populations: [nobody] }]",
      "1:16",
      /no population called nobody/,
      /hidden/,
    ],
    [2, "data: { kind: table, path: nowhere.csv }", "2:28", /no such file/, undefined],
  ];
  test.each(cases)("line %d: %s", (line, text, at, message, hint) => {
    const error = userErrorOf(() => load(changed(line, text)));
    expect(error.message).toMatch(message);
    if (hint !== undefined) expect(error.hint).toMatch(hint);
    expect(error.exitCode).toBe(3);
    expect(`${error.where?.line}:${error.where?.column}`).toBe(at);
  });

  test("an estimator that cannot serve the loss is named at its line", () => {
    const error = userErrorOf(() => load(changed(1, "estimator: { kind: first-spike }")));
    expect(error.message).toMatch(
      /^the estimator cannot serve here: first-spike needs a loss on spike times/,
    );
    expect([error.code, error.exitCode]).toEqual(["compatibility", 3]);
    expect(error.where).toMatchObject({ line: 1, column: 20 });
  });

  test("a population that nothing reaches is a warning at its line", () => {
    const idle = "    hidden: { model: lif, size: 10 }\n    idle: { model: lif, size: 2 }";
    const { warnings } = load(changed(7, idle));
    expect(warnings).toEqual([
      {
        message: "nothing projects to `idle`: it stays at rest",
        where: expect.objectContaining({ line: 8, column: 5 }),
      },
    ]);
  });

  test("fewer samples than one batch is a warning", () => {
    expect(load(SMALL, ["training.batch=21"]).warnings[0]?.message).toMatch(/one update per epoch/);
  });
});

describe("on a chip", () => {
  const onChip = (set: readonly string[]) => load(SMALL, ["chip.kind=ideal", ...set]);

  test("the small experiment fits without a word", () => {
    expect(onChip([]).warnings).toEqual([]);
  });

  test("a recurrent network that is too large names the resource and points at the largest population", () => {
    const error = userErrorOf(() =>
      onChip([
        "network.populations.hidden.size=600",
        "network.projections.hidden>hidden={rows: 1, init: {mean: 0, std: 0.1}}",
      ]),
    );
    expect([error.code, error.exitCode]).toEqual(["placement", 3]);
    expect(error.message).toMatch(/512/);
    expect(error.where).toMatchObject({ file: "--set #2" });
  });

  test("a feed-forward network that is too large for one run is accepted: it runs in parts", () => {
    expect(onChip(["network.populations.hidden.size=600"]).experiment.network.populations.hidden?.size).toBe(
      600,
    );
  });

  test("time constants: warned of outside the standard range, refused where impossible", () => {
    const [warning] = onChip(["network.populations.hidden.tauSyn=31us"]).warnings;
    expect(warning?.message).toMatch(/tauSynExc: 31 us is outside/);
    expect(warning?.where).toMatchObject({ file: "--set #2", column: 35 });
    const error = userErrorOf(() => onChip(["network.populations.hidden.tauMem=10 ms"]));
    expect(error.message).toMatch(/tauMem: 10000 us cannot be calibrated/);
    expect(error.where).toMatchObject({ file: "--set #2" });
  });

  test("in software the same time constants are nobody's business", () => {
    expect(load(SMALL, ["network.populations.hidden.tauMem=10 ms"]).warnings).toEqual([]);
  });

  test("a recording that ends before the sample does is a warning", () => {
    const long = onChip(["network.duration=200us"]).warnings;
    expect(long[0]).toMatchObject({ message: expect.stringMatching(/170 us of 200 us/) });
    expect(onChip(["network.duration=200us", "chip.cadc=dram"]).warnings).toEqual([]);
    expect(onChip(["encoding.late=10us", "network.duration=20us", "chip.cadc=dram"]).warnings).toHaveLength(
      1,
    );
  });
});
