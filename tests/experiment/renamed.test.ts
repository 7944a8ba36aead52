import { describe, expect, test } from "vitest";
import { loadExperiment } from "../../src/experiment/load.ts";
import { experimentFiles, SMALL, userErrorOf } from "./experiment-files.ts";

const files = experimentFiles();
const load = (text: string, set: readonly string[] = []) => {
  files.write("e.yaml", text);
  return loadExperiment("e.yaml", { set, folder: files.folder });
};
const OLD = `${SMALL}\nregularisers: [{ kind: rate, strength: 0.5 }]\n`;

describe("keys that had another name", () => {
  test("mean what the new name means, and a note points at each", () => {
    const { experiment, warnings, resolved } = load(OLD);
    expect(experiment.regularizers).toMatchObject([{ kind: "rate", strength: 0.5 }]);
    expect(resolved).not.toHaveProperty("regularisers");
    expect(warnings.map(({ message }) => message)).toEqual(["`regularisers` is called `regularizers` now"]);
    expect(warnings[0]?.where.line).toBe(
      OLD.split("\n").findIndex((line) => line.startsWith("regularisers")) + 1,
    );
  });

  test("in a base and in `--set`, whether in the path or in the value", () => {
    files.write("base.yaml", OLD);
    const { experiment, warnings } = load("extends: base.yaml\nregularizers: []\n", [
      "loss={ kind: max-over-time, regularisation: 0.25 }",
      "regularisers=[{ kind: rate, strength: 0.1 }]",
      "regularisers[0].strength=0.2",
    ]);
    expect(experiment.loss).toMatchObject({ regularization: 0.25 });
    expect(experiment.regularizers).toMatchObject([{ strength: 0.2 }]);
    expect(warnings.map(({ where }) => where.file)).toEqual([
      expect.stringMatching(/base\.yaml$/),
      "--set #1",
      "--set #2",
      "--set #3",
    ]);
    expect(load(OLD, ["~regularisers"]).experiment.regularizers).toEqual([]);
  });

  test("both names in one map are an error", () => {
    const error = userErrorOf(() => load(`${OLD}regularizers: []\n`));
    expect(error.message).toMatch(/old name of `regularizers`/);
  });
});
