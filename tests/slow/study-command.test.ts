/** `eventprop study` called wrongly: what is wrong is said, and no folder is left. Its results are in tests/slow. */

import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { eventprop } from "../cli/program.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { SMALL } from "../experiment/experiment-files.ts";

const folder = temporaryFolder();
const study = (...args: string[]) => eventprop(["study", ...args], { cwd: folder });

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

const SOFTWARE = write("software.yaml", SMALL);
const IDEAL = write("ideal.yaml", SMALL.replace("kind: software", "kind: ideal"));
const ON_CHIP = write("chip.yaml", SMALL.replace("kind: software", "kind: simulated"));
/** One sample, one input, one hidden neuron, one output. */
const ANSWERS = {
  hardwareWeights: { hidden: [[10]], output: [[20]] },
  inputTimesInTau: [[0.5]],
  labels: [0],
  chipFirstOutputSpikesInTau: [[null]],
};
const RIGHT = write("right.json", JSON.stringify(ANSWERS));
mkdirSync(join(folder, "full"));
write("full/something", "");

describe("eventprop study", () => {
  it("has a help that names all studies and ends with an example", () => {
    const { code, stdout } = study("--help");
    expect(code).toBe(0);
    for (const name of ["realism", "transfer", "calibration", "gradients"])
      expect(stdout).toContain(`\n${name} `);
    expect(stdout.trimEnd().split("\n").at(-1)).toMatch(/^ {2}\$ npx eventprop study/);
  });

  it.each([
    [[], 2, /missing required argument 'study'/],
    [["realism"], 2, /missing required argument 'file'/],
    [["realisme", "x.json"], 2, /is "realism" meant\?/],
    [["realism", "x.json", "--adapt", "3"], 2, /--adapt means nothing for study realism/],
    [["realism", RIGHT, "--set", "chip.seed=3"], 2, /chip\.seed=3 means nothing for study realism/],
    [["realism", RIGHT, "--set", "chip.effects.leakSpread=3"], 3, /did you mean `leakSpreadLsb`/],
    [["calibration", ON_CHIP, "--adapt", "3"], 2, /--adapt means nothing for study calibration/],
    [["transfer", ON_CHIP, "--seeds", "1,1"], 2, /different whole numbers/],
    [["transfer", ON_CHIP, "--seeds", "a"], 2, /different whole numbers/],
    [["transfer", ON_CHIP, "--adapt", "0"], 2, /whole number from 1/],
    [["transfer", ON_CHIP, "--epochs", "3"], 2, /--epochs means nothing for study transfer/],
    [["gradients", ON_CHIP, "--epochs", "5,5"], 2, /different whole numbers/],
    [["gradients", SOFTWARE], 3, /needs simulated chips, the experiment has software/],
    [["realism", ON_CHIP], 2, /reads what a real chip answered, as JSON/],
    [["realism", "absent.json"], 3, /cannot read absent\.json/],
    [["transfer", "absent.yaml"], 3, /absent\.yaml: there is no such file/],
    [["transfer", SOFTWARE], 3, /needs simulated chips, the experiment has software/],
    [["calibration", IDEAL], 3, /needs simulated chips, the experiment has ideal/],
    [["calibration", ON_CHIP, "--out", "full"], 6, /full is not empty/],
  ])("%j ends with code %i and says why", (args, expected, message) => {
    const before = readdirSync(folder).sort();
    const { code, stdout, stderr } = study(...args);
    expect(stderr).toMatch(message);
    expect(code).toBe(expected);
    expect(stdout).toBe("");
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  it.each([
    ["a missing part", { ...ANSWERS, labels: undefined }, /the key "labels" is missing/],
    ["a word beyond 6 bits", { ...ANSWERS, hardwareWeights: { hidden: [[64]], output: [[1]] } }, /63/],
    ["too few labels", { ...ANSWERS, labels: [] }, /1/],
    ["a label without output", { ...ANSWERS, labels: [1] }, /0/],
  ])("refuses answers of a chip with %s, naming the line", (_, answers, message) => {
    const { code, stderr } = study("realism", write("answers.json", JSON.stringify(answers, null, 1)));
    expect(stderr).toMatch(/^answers\.json:\d+:\d+: error: /);
    expect(stderr).toMatch(message);
    expect(code).toBe(3);
  });
});
