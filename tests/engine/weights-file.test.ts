import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseWeights, readWeights } from "../../src/engine/weights-file.ts";
import { buildNetwork, type PopulationSpec } from "../../src/network/network.ts";
import { temporaryFolder, userErrorOf } from "./temporary-folder.ts";

const lif: Omit<PopulationSpec, "name" | "size"> = {
  model: "lif",
  tauMem: 6,
  tauSynExc: 6,
  tauSynInh: 6,
  threshold: 1,
  reset: 0,
  refractory: 0,
};
const network = buildNetwork(
  2,
  [
    { ...lif, name: "hidden", size: 3 },
    { ...lif, name: "readout", size: 1 },
  ],
  [
    { from: "input", to: "hidden", rows: 1 },
    { from: "hidden", to: "hidden", rows: 1 },
    { from: "hidden", to: "readout", rows: 1 },
  ],
  38,
);
const good = {
  "hidden>readout": [[16], [17], [18]],
  "input>hidden": [
    [1, 2, 3],
    [4, 5, 6],
  ],
  "hidden>hidden": [
    [7, 8, 9],
    [10, 11, 12],
    [13, 14, -15.5],
  ],
};
const lines = `{
  "input>hidden": [
    [1, 2, 3],
    [4, 5, 6]
  ],
  "hidden>hidden": [[7, 8, 9], [10, 11, 12], [13, 14, 15]],
  "hidden>readout": [[16], [17], [18]]
}`;

describe("weights.json", () => {
  it("is laid out by projection, source and target, whatever the order of keys", () => {
    const weights = parseWeights(JSON.stringify(good), "weights.json", network);
    expect([...weights]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, -15.5, 16, 17, 18]);
  });

  it("is read from its file", () => {
    const path = join(temporaryFolder(), "weights.json");
    writeFileSync(path, lines);
    expect(readWeights(path, network)[3]).toBe(4);
    expect(userErrorOf(() => readWeights(`${path}.no`, network)).message).toMatch(/there is no such file/);
  });

  it.each([
    [
      "row of another length",
      ["[4, 5, 6]", "[4, 5]"],
      4,
      '"input>hidden" row 1 (from 0): 3 numbers are expected, found 2',
    ],
    [
      "row that is none",
      ["[4, 5, 6]", "4"],
      2,
      '"input>hidden" row 1 (from 0): an array of 3 numbers is expected, found 4',
    ],
    [
      "missing row",
      [",\n    [4, 5, 6]", ""],
      2,
      '"input>hidden": 2 rows of 3 weights are expected, found 1 rows of 3 weights',
    ],
    [
      "number in place of a matrix",
      ["[[16], [17], [18]]", "5"],
      1,
      '"hidden>readout": 3 rows of 1 weights are expected, found 5',
    ],
    [
      "infinite weight",
      ["5, 6", "5, 1e999"],
      4,
      '"input>hidden" row 1 (from 0), column 2: a finite number is expected, found a number too large for a double',
    ],
    [
      "null",
      ["4, 5", "4, null"],
      4,
      '"input>hidden" row 1 (from 0), column 1: a finite number is expected, found null',
    ],
    [
      "text",
      ["4, 5", '4, "5"'],
      4,
      '"input>hidden" row 1 (from 0), column 1: a finite number is expected, found "5"',
    ],
    ["NaN", ["4, 5", "4, NaN"], 4, "a finite number is expected, found NaN, 6]"],
    ["cut file", ["[17], [18]]\n}", "[17"], 7, '"," or "]" is expected, found the end of the file'],
    ["doubled projection", ['"hidden>hidden"', '"input>hidden"'], 6, 'the key "input>hidden" appears twice'],
  ])("%s", (_, [from, to], line, message) => {
    expect(lines).toContain(from as string);
    const text = lines.replace(from as string, to as string);
    const error = userErrorOf(() => parseWeights(text, "weights.json", network));
    expect(error.code).toBe("input-file");
    expect(error.message).toBe(message);
    expect(error.where).toMatchObject({ file: "weights.json", line });
  });

  it("names a missing projection and an unknown one, with what was meant", () => {
    const { "hidden>hidden": _, ...missing } = good;
    expect(userErrorOf(() => parseWeights(JSON.stringify(missing), "w", network)).message).toBe(
      'no weights for projection "hidden>hidden"',
    );
    const typo = { ...missing, "hiden>hidden": good["hidden>hidden"] };
    const error = userErrorOf(() => parseWeights(JSON.stringify(typo), "w", network));
    expect(error.message).toBe('the network has no projection "hiden>hidden"');
    expect(error.hint).toBe('did you mean "hidden>hidden"?');
  });

  it("recognizes a transposed matrix", () => {
    const transposed = {
      ...good,
      "input>hidden": [
        [1, 4],
        [2, 5],
        [3, 6],
      ],
    };
    const error = userErrorOf(() => parseWeights(JSON.stringify(transposed), "w", network));
    expect(error.message).toMatch(/2 rows of 3 weights are expected, found 3 rows of 2/);
    expect(error.hint).toMatch(/transposed/);
  });

  it.each(["[]", "3", "null", '"x"'])("refuses %s in place of projections", (text) => {
    expect(userErrorOf(() => parseWeights(text, "w", network)).message).toMatch(/an object of projections/);
  });
});
