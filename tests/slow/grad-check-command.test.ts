import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { eventprop } from "../cli/program.ts";
import { refusal as refusalOf } from "../cli/refusal.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { caseFile } from "../gradcheck/reference/small-case.ts";
import { referencePath } from "../reference/files.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const folder = temporaryFolder();
const YIN_YANG = "experiments/yin-yang.yaml";

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Yin-Yang weights that are all the same, as a file. */
function uniformWeights(name: string, value: number): string {
  const matrix = (rows: number, columns: number): number[][] =>
    Array.from({ length: rows }, () => new Array<number>(columns).fill(value));
  const weights = { "input>hidden": matrix(5, 120), "hidden>readout": matrix(120, 3) };
  return file(name, JSON.stringify(weights));
}

function gradCheck(...args: string[]) {
  return eventprop(["grad-check", ...args], { cwd: ROOT });
}

/** For calls that are refused at once. */
const refusal = (...args: string[]) => refusalOf("grad-check", ...args);

describe("grad-check reference", () => {
  it("meets all cases of a file", () => {
    const { code, stdout } = gradCheck("reference", referencePath("network-gradients.json"));
    expect(code).toBe(0);
    expect(stdout.match(/ok$/gm)).toHaveLength(4);
  });

  it("ends with 5 and names the case that is not met", () => {
    const path = file(
      "wrong.json",
      caseFile((one) => ({ ...one, expected: { ...one.expected, gradient: [[3.337], [0]] } })),
    );
    const { code, stdout, stderr } = gradCheck("reference", path, "--json");
    expect(code).toBe(5);
    expect(stderr).toMatch(/1 of 1 cases are not met/);
    const { passed, cases } = JSON.parse(stdout);
    expect(passed).toBe(false);
    expect(cases[0].complaints).toEqual([
      "the gradient of source 0 to neuron 0 is off by 2.00e+0 of the largest entry",
    ]);
  });

  it("refuses a case with wrong shapes, with the path in the document", () => {
    const path = file(
      "shape.json",
      caseFile((one) => ({ ...one, weights: [[1]] })),
    );
    const { code, stdout, stderr } = gradCheck("reference", path);
    expect(code).toBe(3);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/cases\[0\]\.weights: 2 entries are expected, found 1/);
  });

  it("knows what was meant by a slip of the pen", async () => {
    const { code, stderr } = await refusal("single-neuro");
    expect(code).toBe(2);
    expect(stderr).toMatch(/did you mean single-neuron\?/);
  });

  it("needs a file that is there", async () => {
    expect(await refusal("reference")).toMatchObject({ code: 2 });
    expect(await refusal("reference", join(folder, "nowhere.json"))).toMatchObject({ code: 3 });
  });
});

describe("grad-check of an experiment", () => {
  it("judges all estimators that can serve on Yin-Yang", () => {
    const { code, stdout } = gradCheck(YIN_YANG);
    expect(code).toBe(0);
    expect(stdout).toMatch(/ok +eventprop, exact: all \d+ differences are met/);
    expect(stdout).toMatch(/(ok|MISSED) +eventprop-grid, consistent: error falls with dt to the power/);
    expect(stdout).toMatch(/(ok|MISSED) +surrogate, heuristic: mean cosine/);
    expect(stdout).toMatch(/^surrogate \/ eventprop: kept [\d.]+, observed [\d.]+$/m);
    expect(stdout).toMatch(
      /^all membranes \/ eventprop: kept [\d.]+, observed [\d.]+; published: 6\.2 \+- 0\.5, /m,
    );
    expect(stdout).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("writes the same as JSON, and with --out into a new folder", () => {
    const out = join(folder, "yin-yang-check");
    const few = ["--samples", "4", "--per-projection", "5"];
    const { code, stdout } = gradCheck(YIN_YANG, "--json", ...few, "--out", out);
    expect(code).toBe(0);
    expect(readdirSync(out).sort()).toEqual(["gradients.csv", "gradients.svg", "result.json"]);
    const { folder: named, ...printed } = JSON.parse(stdout);
    expect(named).toBe(out);
    expect(JSON.parse(readFileSync(join(out, "result.json"), "utf8"))).toEqual(printed);
    const { passed, samples, differences, estimators, memory } = JSON.parse(stdout);
    expect(passed).toBe(true);
    expect(samples).toBe(4);
    expect(differences.map(({ pairs }: { pairs: number }) => pairs)).toEqual([20, 20]);
    expect(estimators.map(({ name }: { name: string }) => name)).toEqual([
      "eventprop",
      "eventprop-smoothed",
      "eventprop-grid",
      "surrogate",
    ]);
    expect(memory.published).toEqual({ mean: 6.2, deviation: 0.5 });
  });

  it("refuses a folder that is not empty before it checks anything", async () => {
    const out = join(folder, "occupied");
    mkdirSync(out);
    file("occupied/mine", "");
    const { code, stderr } = await refusal(join(ROOT, YIN_YANG), "--out", out);
    expect(code).toBe(6);
    expect(stderr).toMatch(/occupied is not empty/);
  });

  it("does not pass a network that never spikes", () => {
    const { code, stdout, stderr } = gradCheck(
      YIN_YANG,
      "--weights",
      uniformWeights("silent.json", 0),
      "--samples",
      "2",
    );
    expect(code).toBe(5);
    expect(stdout).toMatch(/MISSED +eventprop, exact: nothing was checked/);
    expect(stdout).not.toMatch(/NaN/);
    expect(stderr).toMatch(/no neuron spiked in any sample/);
  });

  it("says when it is the loss whose derivative is not its own", () => {
    const paper = ["--set", "loss.chainScale=as-published", "--samples", "2", "--per-projection", "3"];
    const { code, stderr } = gradCheck(YIN_YANG, "--estimators", "eventprop", ...paper);
    expect(code).toBe(5);
    expect(stderr).toMatch(/hint: the derivative of this loss leaves out the factor `scale`/);
  });

  it("says so when weights overflow", async () => {
    const weights = uniformWeights("huge.json", 1e308);
    const { code, stderr } = await refusal(join(ROOT, YIN_YANG), "--weights", weights);
    expect(code).toBe(5);
    expect(stderr).toMatch(/not finite/);
    expect(stderr).not.toMatch(/This is a bug/);
  });

  it("refuses an estimator that cannot serve the loss, at its line", async () => {
    const { code, stderr } = await refusal(join(ROOT, YIN_YANG), "--estimators", "first-spike");
    expect(code).toBe(3);
    expect(stderr).toMatch(/yin-yang\.yaml:\d+:\d+: error: first-spike cannot serve here/);
  });

  it("refuses an unknown estimator with a suggestion, and no name at all", async () => {
    const { code, stderr } = await refusal(join(ROOT, YIN_YANG), "--estimators", "eventpop");
    expect(code).toBe(2);
    expect(stderr).toMatch(/is eventprop meant\?/);
    expect(await refusal(join(ROOT, YIN_YANG), "--estimators", ",")).toMatchObject({ code: 2 });
  });

  it("refuses --chip for an experiment without one, and --trials without --chip", async () => {
    const software = join(ROOT, "experiments/yin-yang-software.yaml");
    expect(await refusal(software, "--chip")).toMatchObject({ code: 3 });
    expect(await refusal(join(ROOT, YIN_YANG), "--trials", "3")).toMatchObject({ code: 2 });
    const { stderr } = await refusal(join(ROOT, YIN_YANG), "--chip", "ideal");
    expect(stderr).toMatch(/--set chip\.kind=ideal/);
  });
});

describe("grad-check single-neuron", () => {
  it("passes in software, and writes table, figures and result into a new folder only", () => {
    const out = join(folder, "neuron");
    const { code, stdout } = gradCheck("single-neuron", "--out", out);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^eventprop +\S+e-1\d +\S+e-1\d +14$/m);
    expect(stdout).not.toMatch(/NaN/);
    expect(readdirSync(out).sort()).toEqual([
      "result.json",
      "single-neuron.csv",
      "tau-12-6-target.svg",
      "tau-12-6-time.svg",
      "tau-6-6-target.svg",
      "tau-6-6-time.svg",
    ]);
    expect(JSON.parse(readFileSync(join(out, "result.json"), "utf8")).passed).toBe(true);
    const again = gradCheck("single-neuron", "--out", out);
    expect(again.code).toBe(6);
    expect(again.stderr).toMatch(/is not empty/);
  });

  it("refuses chips that do not exist and options of other forms", async () => {
    const { stderr } = await refusal("single-neuron", "--chip", "loihi");
    expect(stderr).toMatch(/choose software, ideal, simulated/);
    for (const wrong of [["--chip"], ["--chip-seed", "2"], ["--trials", "0"], ["extra"]]) {
      expect(await refusal("single-neuron", ...wrong)).toMatchObject({ code: 2 });
    }
    const other = await refusal("single-neuron", "--samples", "3");
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(/--samples means nothing for single-neuron/);
  });
});
