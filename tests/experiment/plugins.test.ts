/** Plugins: refused unless allowed, named and hashed, checked by the laws; the example of docs/plugins.md is the one that is tried. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { allowPlugins, pluginsAllowed } from "../../src/core/plugin-permission.ts";
import { faultsOf } from "../../src/experiment/conformance.ts";
import { loadExperiment } from "../../src/experiment/load.ts";
import { experimentFiles, SMALL, userErrorOf } from "./experiment-files.ts";

const files = experimentFiles();
const example = /```js\n([\s\S]*?)```/.exec(
  readFileSync(new URL("../../docs/plugins.md", import.meta.url), "utf8"),
)![1]!;
const experiment = (plugin: string, loss: string): string =>
  `${SMALL.replace(/^loss: .*$/m, `loss: ${loss}`)}plugins: [./${plugin}]\n`;
const load = (name: string) => loadExperiment(name, { folder: files.folder });
/** An experiment with a plugin of this text, and a loss. */
const make = (name: string, text: string, loss = "{ kind: max-over-time }") => {
  files.write(`${name}.mjs`, text);
  files.write(`${name}.yaml`, experiment(`${name}.mjs`, loss));
  return () => load(`${name}.yaml`);
};

// The order matters: permission is given once per process.
test("without permission an experiment that names a plugin is refused at its line, and nothing of it runs", () => {
  if (pluginsAllowed()) return;
  const refused = make("first", "globalThis.ran = true; export default () => ({});");
  const error = userErrorOf(refused);
  expect(error.message).toMatch(/names a plugin, .*first\.mjs, which is a program/);
  expect([error.where?.line, error.hint]).toEqual([
    SMALL.split("\n").length,
    expect.stringMatching(/--allow-plugins/),
  ]);
  expect("ran" in globalThis).toBe(false);
});

test("the loss of the documentation keeps the laws, has its defaults, and its file is part of the run's identity", () => {
  allowPlugins();
  const loaded = make("mine", example, "{ kind: mean-potential }")();
  expect(loaded.experiment.loss).toMatchObject({ kind: "mean-potential", goal: 1 });
  expect(loaded.files).toContainEqual(["plugins", "0"]);
  expect(faultsOf(loaded)).toEqual([]);
  files.write("typo.yaml", experiment("mine.mjs", "{ kind: mean-potential, gaol: 1 }"));
  expect(userErrorOf(() => load("typo.yaml")).message).toMatch(/gaol/);
  // An experiment without the plugin does not have its kinds.
  files.write("without.yaml", SMALL.replace(/^loss: .*$/m, "loss: { kind: mean-potential }"));
  expect(userErrorOf(() => load("without.yaml")).message).toMatch(/cannot be `mean-potential`/);
});

test("a wrong cotangent, a drifting data set and an encoder out of order are found", () => {
  allowPlugins();
  const wrong = example
    .replace("mean-potential", "wrong-sign")
    .replace("cotangent[k] = (mean - goal)", "cotangent[k] = (goal - mean)");
  expect(faultsOf(make("wrong", wrong, "{ kind: wrong-sign }")()).join()).toMatch(
    /cotangent of a membrane sample/,
  );
  const data = `let n = 0;
export default () => ({
  datasets: [{ kind: "drifting", summary: "never the same", options: {}, create: () => {
    const part = () => ({ size: 3, classes: 3, classNames: ["a", "b", "c"], labels: Uint8Array.of(0, 1, 2), featureCount: 2,
      features: Float64Array.from({ length: 6 }, () => (n++ % 97) / 97) });
    return { train: part(), validation: part(), test: part() };
  } }],
  encoders: [{ kind: "backwards", summary: "late spikes first", options: {}, create: () => ({ inputs: 1, latest: 10,
    encode: ({ size }) => ({ samples: size, offset: Int32Array.from({ length: size + 1 }, (_, i) => 2 * i),
      time: Float64Array.from({ length: 2 * size }, (_, i) => 9 - (i % 2)), source: new Int32Array(2 * size),
      id: Int32Array.from({ length: size }, (_, i) => i) }) }) }],
});`;
  files.write("data.mjs", data);
  files.write(
    "data.yaml",
    `${SMALL.replace(/^data: .*$/m, "data: { kind: drifting }").replace(/^encoding: .*$/m, "encoding: { kind: backwards }")}plugins: [data.mjs]\n`,
  );
  const found = faultsOf(load("data.yaml")).join("\n");
  expect(found).toMatch(/data, train: is not the same when opened twice/);
  expect(found).toMatch(/encoding, train, sample 0: the spike at 8 us of source 0 comes after a later one/);
});

test("the laws hold for what ships, too", () => {
  files.write("small.yaml", SMALL);
  expect(faultsOf(load("small.yaml"))).toEqual([]);
});

test("what is no plugin is said with its file", () => {
  allowPlugins();
  const messages: readonly [string, string, RegExp][] = [
    ["syntax", "export default (", /cannot be loaded/],
    ["throws", "throw new Error('no luck');", /cannot be loaded: no luck/],
    ["none", "export const a = 1;", /default export is not a function/],
    [
      "table",
      "export default () => ({ chips: [] });",
      /it adds to `chips`; there are: losses, datasets, encoders/,
    ],
    ["empty", "export default () => ({ losses: [{ kind: 'x' }] });", /\(x\) has no summary/],
    [
      "taken",
      "export default () => ({ encoders: [{ kind: 'rate', summary: 's', options: {}, create() {} }] });",
      /a kind `rate` in encoders already/,
    ],
  ];
  for (const [name, text, message] of messages)
    expect(userErrorOf(make(name, text)).message, name).toMatch(message);
  expect(
    userErrorOf(() =>
      load(files.write("gone.yaml", experiment("gone.mjs", "{ kind: max-over-time }")) ?? "gone.yaml"),
    ).message,
  ).toMatch(/gone\.mjs/);
});
