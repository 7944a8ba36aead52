/** `eventprop calibrate` as people and scripts meet it; full calibrations through it are in tests/slow. */

import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { saveCalibration } from "../../src/calibration/store.ts";
import { SHIPPED, SHIPPED_PATH } from "../calibration/stored.ts";
import { eventprop } from "../cli/program.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { SMALL } from "../experiment/experiment-files.ts";

const folder = temporaryFolder();
const BIN = fileURLToPath(new URL("../../bin/eventprop.js", import.meta.url));
const EXPERIMENTS = fileURLToPath(new URL("../../experiments", import.meta.url));

const calibrate = (...args: string[]) => eventprop(["calibrate", ...args, "--no-progress"], { cwd: folder });

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

/** A copy of the calibration that comes with the program. */
function copy(name: string): string {
  copyFileSync(SHIPPED_PATH, join(folder, name));
  return name;
}

describe("the help", () => {
  it("ends with an example", () => {
    const { code, stdout } = calibrate("--help");
    expect(code).toBe(0);
    expect(stdout.trimEnd().split("\n").at(-1)).toMatch(/^ {2}\$ npx eventprop calibrate/);
    for (const flag of ["--chip-seed", "--out", "--check", "--force", "--json"])
      expect(stdout).toContain(flag);
  });
});

describe("a stored calibration", () => {
  it("that still holds is checked with exit code 0, a table, and the neurons to avoid", () => {
    const { code, stdout, stderr } = calibrate("--check");
    expect(stderr).toMatch(/the calibration holds: \d+ of 509 good neurons are outside a tolerance/);
    expect(stderr).toMatch(/neurons that placement avoids: 106, 351, 435/);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/parameter.*target.*before.*after.*worst neuron.*failed/);
    expect(lines).toHaveLength(1 + SHIPPED.quality.length + 1);
    expect(lines.at(-1)).toBe(SHIPPED_PATH);
  });

  it("that no longer holds is checked with exit code 4 and says how many neurons are lost", () => {
    // As if the leaks had drifted by 60 codes, some 20 LSB.
    const neurons = {
      ...SHIPPED.words.neurons,
      leak: SHIPPED.words.neurons.leak.map((code) => Math.min(1022, code + 60)),
    };
    saveCalibration(join(folder, "drifted.json"), { ...SHIPPED, words: { ...SHIPPED.words, neurons } });
    const { code, stdout, stderr } = calibrate("--check", "--out", "drifted.json", "--json");
    expect(code).toBe(4);
    expect(stderr).toMatch(/no longer holds: \d+ of 509 good neurons/);
    expect(stderr).toMatch(/--force measures again/);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ file: "drifted.json", holds: false, chip: "simulated-1" });
    const leak = document.quality.find((one: { parameter: string }) => one.parameter === "leak");
    expect(leak.failed.length).toBeGreaterThan(400);
  });

  it("is not measured again without --force", () => {
    const name = copy("kept.json");
    const { code, stdout, stderr } = calibrate("--out", name, "--json");
    expect(code).toBe(0);
    expect(stderr).toMatch(/is a calibration of this chip for this target; --force measures again/);
    expect(JSON.parse(stdout)).toMatchObject({
      file: name,
      holds: true,
      chip: "simulated-1",
      target: { ...SHIPPED.target },
      strength: SHIPPED.strength,
      spikeLatency: SHIPPED.spikeLatency,
      cadcLag: SHIPPED.cadcLag,
      failed: [106, 351, 435],
    });
    expect(readFileSync(join(folder, name), "utf8")).toBe(readFileSync(SHIPPED_PATH, "utf8"));
  });

  it.each([
    ["another chip", ["--chip-seed", "2"], /belongs to chip simulated-1, not to simulated-2/],
    ["another target", [write("warm.yaml", "tauMem: 10 us\n")], /tauMem is 6 us, wanted is 10 us/],
  ])("for %s is neither used nor replaced", (_, args, message) => {
    const name = copy("other.json");
    for (const check of [["--check"], []]) {
      const { code, stderr } = calibrate("--out", name, ...check, ...args);
      expect(code).toBe(4);
      expect(stderr).toMatch(message);
      expect(stderr).toContain(name);
    }
    expect(readFileSync(join(folder, name), "utf8")).toBe(readFileSync(SHIPPED_PATH, "utf8"));
  });

  it("that is cut off is refused with file, line and column", () => {
    write("cut.json", readFileSync(SHIPPED_PATH, "utf8").slice(0, 5000));
    const { code, stderr } = calibrate("--check", "--out", "cut.json");
    expect(code).toBe(4);
    expect(stderr).toMatch(/^cut\.json:\d+:\d+: error: cut\.json is damaged or cut off/);
  });

  it("that is absent is said to be, with what to do", () => {
    const { code, stderr } = calibrate("--check", "--chip-seed", "77");
    expect(code).toBe(4);
    expect(stderr).toMatch(/cannot read the calibration \S+simulated-77-\w+\.json: there is no such file/);
    expect(stderr).toMatch(/hint: `npx eventprop calibrate`/);
  });
});

describe("wrong calls", () => {
  it.each([
    [["--chip-seed", "-1"], 2, /whole number from 0 to 4294967295/],
    [["--chip-seed", "1.5"], 2, /whole number/],
    [["--chip-seed", "4294967296"], 2, /whole number/],
    [["--chipseed", "2"], 2, /Did you mean --chip-seed\?/],
    [["--check", "--force"], 2, /choose one/],
    [["absent.yaml"], 3, /absent\.yaml: there is no such file/],
    [[join(EXPERIMENTS, "yin-yang-software.yaml")], 3, /there is no chip to calibrate/],
    [[SHIPPED_PATH], 2, /is a calibration; an experiment or target file is expected/],
    [[write("hot.yaml", "leak: 300\n")], 3, /^hot\.yaml:1:7: error: `leak` must be at most 220/],
    [
      [write("order.yaml", "reset: 160\nthreshold: 150\n")],
      3,
      /^order\.yaml:1:8: error: reset: 160 LSB is not below/,
    ],
  ])("%j ends with code %i and says why", (args, expected, message) => {
    const before = readdirSync(folder).sort();
    const { code, stdout, stderr } = calibrate(...args);
    expect(code).toBe(expected);
    expect(stderr).toMatch(message);
    expect(stdout).toBe("");
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  it("warns of a target outside the standard range at its place, and goes on", () => {
    write("low.yaml", "leak: 80\ntauMem: 70 us\n");
    // Going on: it looks for the calibration, which is absent.
    const { code, stderr } = calibrate("low.yaml", "--check");
    expect(stderr).toMatch(
      /^low\.yaml:2:9: warning: tauMem: 70 us is outside the standard range 0\.5 … 60 us/,
    );
    expect(stderr).toMatch(/cannot read the calibration/);
    expect(code).toBe(4);
  });

  it("refuses one file for two targets", () => {
    const two = SMALL.replace(
      /readout: \{[^}]*\}/,
      "readout: { model: li, size: 3, tauMem: 10 us, tauSyn: 6 us }",
    );
    expect(two).not.toBe(SMALL);
    const { code, stderr } = calibrate(
      write("two.yaml", two.replace("kind: software", "kind: simulated")),
      "--out",
      "one.json",
    );
    expect(stderr).toMatch(/--out names one file, but two\.yaml asks for 2 calibrations/);
    expect(code).toBe(2);
  });
});

describe("places", () => {
  it.each([
    ["below a file", () => join(write("file", ""), "x.json"), /part of its path is not a folder/],
    [
      "that are folders",
      () => {
        mkdirSync(join(folder, "a-folder"));
        return "a-folder";
      },
      /cannot write a-folder: it is a folder/,
    ],
  ])("%s are refused before anything is measured", (_, place, message) => {
    const { code, stderr } = calibrate("--out", place());
    expect(code).toBe(6);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/steps/);
  });

  it("that hold something else are not overwritten", () => {
    const name = write("notes.txt", "mine");
    const { code, stderr } = calibrate("--out", name);
    expect(code).toBe(4);
    expect(stderr).toMatch(/notes\.txt is damaged or cut off/);
    expect(stderr).toMatch(/--force replaces this file/);
    expect(readFileSync(join(folder, name), "utf8")).toBe("mine");
  });

  it("hold no file after an interruption", async () => {
    const place = join(folder, "interrupted");
    const child = spawn(process.execPath, [BIN, "calibrate", "--out", join(place, "mine.json")]);
    let told = "";
    child.stderr.on("data", (text) => {
      told += text;
      // The first line of progress: searching has begun.
      if (/calibration step 1\//.test(told)) child.kill("SIGINT");
    });
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
      child.on("close", (...ended) => resolve(ended));
    });
    expect(told).toMatch(/calibration step 1\//);
    expect(signal ?? code).toSatisfy((end) => end === "SIGINT" || end === 130);
    expect(existsSync(place) ? readdirSync(place) : []).toEqual([]);
  });
});
