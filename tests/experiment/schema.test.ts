import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { loadExperiment } from "../../src/experiment/load.ts";
import { editorSchema, schemaText, withKeyTables } from "../../src/experiment/published-schema.ts";
import { experimentSchema } from "../../src/experiment/schema.ts";
import { TABLES } from "../../src/experiment/tables.ts";
import { createValidator } from "../../src/experiment/validate.ts";
import { shippedExperiments, userErrorOf } from "./experiment-files.ts";

const root = new URL("../../", import.meta.url);
const experiments = shippedExperiments();
const read = (file: string) => readFileSync(new URL(`experiments/${file}`, root), "utf8");

/** Every object inside a schema, with the path to it. */
function* nodes(value: unknown, path = "#"): Generator<[string, Record<string, unknown>]> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield [path, value as Record<string, unknown>];
  for (const [key, inner] of Object.entries(value)) yield* nodes(inner, `${path}/${key}`);
}

describe("the schema", () => {
  const schema = JSON.parse(JSON.stringify(experimentSchema(TABLES))) as Record<string, unknown>;

  test("is valid draft-07 without unknown keywords beside our two", () => {
    const ajv = new Ajv({ strict: true, strictRequired: false, discriminator: true, useDefaults: true });
    ajv.addKeyword("quantity");
    ajv.addKeyword("fileReference");
    expect(() => ajv.compile(schema)).not.toThrow();
  });

  test("refuses unknown keys in every map", () => {
    for (const [path, node] of nodes(schema)) {
      if (node["type"] !== "object" || node["oneOf"] !== undefined) continue;
      expect(node["additionalProperties"], path).toBeDefined();
      expect(node["additionalProperties"], path).not.toBe(true);
    }
  });

  test("says of every option what it means", () => {
    for (const [path, node] of nodes(schema)) {
      if (typeof node["properties"] !== "object" || path.endsWith("/properties")) continue;
      for (const [key, option] of Object.entries(
        node["properties"] as Record<string, Record<string, unknown>>,
      )) {
        if (key === "kind" || key === "model") continue;
        expect(option["description"], `${path}/${key}`).toMatch(/\w{3}/);
      }
    }
  });

  test("has defaults that it accepts itself", () => {
    const value = {
      name: "x",
      data: { kind: "yin-yang" },
      loss: { kind: "max-over-time" },
      network: {
        duration: "38 us",
        populations: { a: { model: "lif", size: 1 } },
        projections: { "input>a": { init: { kind: "normal", mean: 0, std: 0 } } },
      },
    };
    const validator = createValidator(experimentSchema(TABLES));
    expect(validator(value).problems).toEqual([]);
    for (const [table, key] of [
      ["losses", "loss"],
      ["estimators", "estimator"],
      ["optimizers", "optimizer"],
      ["schedules", "schedule"],
      ["chips", "chip"],
    ] as const) {
      for (const { kind } of TABLES[table]) {
        const problems = validator({ ...structuredClone(value), [key]: { kind } }).problems;
        // Some members have options without default; nothing but such a missing key may be wrong.
        for (const { message } of problems) expect(message, `${key} ${kind}`).toMatch(/is missing/);
      }
    }
  });
});

describe("the schema for editors", () => {
  const accepts = new Ajv({ strict: false }).compile(editorSchema(experimentSchema(TABLES)));

  test("schema/experiment.schema.json is up to date (npm run schema)", () => {
    expect(readFileSync(new URL("schema/experiment.schema.json", root), "utf8")).toBe(schemaText());
  });

  test("docs/experiment.md lists the keys as they are (npm run schema)", () => {
    const document = readFileSync(new URL("docs/experiment.md", root), "utf8");
    expect(document).toBe(withKeyTables(document));
    expect(document).toContain("| `epochs` | `50` |");
  });

  test.each(experiments)("accepts experiments/%s, which points at it", (file) => {
    expect(accepts(parse(read(file))), JSON.stringify(accepts.errors)).toBe(true);
    expect(read(file).split("\n")[0]).toBe(
      "# yaml-language-server: $schema=../schema/experiment.schema.json",
    );
  });

  test("accepts parts, as files that extend others have them", () => {
    expect(
      accepts({ extends: "base.yaml", chip: { seed: 3 }, network: { populations: { hidden: { size: 9 } } } }),
    ).toBe(true);
  });

  test.each([
    { trainings: {} },
    { training: { epoch: 3 } },
    { network: { duration: 38 } },
    { chip: { kind: "simulatd" } },
    { chip: { kind: "software", seed: 3 } },
    { loss: { kind: "max-over-time", tau0: "1 us" } },
  ])("refuses %j", (value) => {
    expect(accepts(value)).toBe(false);
  });
});

test("a value of several types is complained about once, in words", () => {
  const complaint = (value: string): string[] => {
    const error = userErrorOf(() =>
      loadExperiment("smoke.yaml", {
        folder: new URL("experiments", root).pathname,
        set: [`chip.calibration=${value}`],
      }),
    );
    return [error, ...error.also].map(({ message }) => message);
  };
  expect(complaint("5")).toEqual(["`chip.calibration` must be a word or a list, not `5`"]);
  expect(complaint("[]")).toEqual(["`chip.calibration` needs at least 1 entry"]);
  expect(complaint("[a.json, 5]")).toEqual(["`chip.calibration[1]` must be a word, not `5`"]);
});
