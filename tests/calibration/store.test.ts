import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  calibrationKey,
  findCalibration,
  isCalibrationFile,
  loadCalibration,
  qualityPath,
  reserveCalibration,
  saveCalibration,
  softwareVersion,
  targetKey,
} from "../../src/calibration/store.ts";
import {
  calibrationFrom,
  calibrationText,
  contentDigest,
  FORMAT,
} from "../../src/calibration/store-format.ts";
import { DEFAULT_TARGET, TARGET_PARAMETERS } from "../../src/calibration/target.ts";
import type { Calibration } from "../../src/calibration/types.ts";
import { effectsWith } from "../../src/chip/simulated/effects.ts";
import { stream } from "../../src/core/random.ts";
import { temporaryFolder, userErrorOf } from "../engine/temporary-folder.ts";
import { mutateJson } from "../fuzz/mutate.ts";
import { SHIPPED, SHIPPED_PATH, SHIPPED_TEXT } from "./stored.ts";

const folder = temporaryFolder();
let files = 0;

/** A file of this text. */
function fileOf(text: string): string {
  const path = join(folder, `${++files}.json`);
  writeFileSync(path, text);
  return path;
}

/** A file whose digest fits although its content was changed: as another program, or another version, wrote it. */
function rewritten(change: (content: Record<string, never>) => void): string {
  const content = JSON.parse(SHIPPED_TEXT);
  change(content);
  return fileOf(JSON.stringify({ ...content, digest: contentDigest(content) }));
}

function refusal(path: string, wanted: Parameters<typeof loadCalibration>[1] = {}) {
  const error = userErrorOf(() => loadCalibration(path, wanted));
  expect(error.exitCode).toBe(4);
  expect(error.message).toContain(path);
  return error;
}

it("has a format that is raised with the default magnitudes of the chip", () => {
  const defaults = createHash("sha256")
    .update(JSON.stringify(effectsWith({})))
    .digest("hex")
    .slice(0, 16);
  expect({ format: FORMAT, defaults }).toEqual({ format: 3, defaults: "8c7f5de80c27c82c" });
});

describe("the text of a calibration", () => {
  it("does not depend on the order in which a target was put together", () => {
    const target = Object.fromEntries(Object.entries(SHIPPED.target).reverse()) as typeof SHIPPED.target;
    expect(calibrationText({ ...SHIPPED, target })).toBe(calibrationText(SHIPPED));
  });

  it("becomes the same calibration again, missing values included", () => {
    const measured = { ...SHIPPED.measured, leak: SHIPPED.measured.leak.slice() };
    measured.leak[7] = Number.NaN;
    const given: Calibration = { ...SHIPPED, measured };
    expect(calibrationFrom(JSON.parse(calibrationText(given)))).toEqual(given);
  });

  it("is reproduced byte by byte by what comes with the program", () => {
    expect(calibrationText(SHIPPED)).toBe(SHIPPED_TEXT);
  });
});

describe("a stored calibration", () => {
  it("is read back as it was written, with a row per parameter beside it, and nothing else stays", () => {
    const place = join(folder, "new", "folder");
    const path = join(place, "mine.json");
    saveCalibration(path, SHIPPED);
    expect(loadCalibration(path, { chip: "simulated-1", target: DEFAULT_TARGET })).toEqual(SHIPPED);
    const rows = readFileSync(qualityPath(path), "utf8").trim().split("\n");
    expect(rows).toHaveLength(1 + SHIPPED.quality.length);
    expect(readdirSync(place).sort()).toEqual(["mine.csv", "mine.json"]);
  });

  it.each([0.1, 0.5, 0.99])("cut off after a share of %f is refused", (share) => {
    const error = refusal(fileOf(SHIPPED_TEXT.slice(0, Math.floor(share * SHIPPED_TEXT.length))));
    expect(error.message).toMatch(/damaged or cut off/);
    expect(error.where?.line).toBeGreaterThan(0);
  });

  it("edited in a single digit is refused", () => {
    const at = SHIPPED_TEXT.indexOf('"strength": ') + '"strength": '.length + 3;
    const digit = SHIPPED_TEXT[at] === "1" ? "2" : "1";
    const edited = SHIPPED_TEXT.slice(0, at) + digit + SHIPPED_TEXT.slice(at + 1);
    expect(refusal(fileOf(edited)).message).toMatch(/was edited or damaged/);
  });

  it.each([
    [
      "of another format",
      (content: Record<string, unknown>) => Object.assign(content, { format: 1 }),
      /format 1, this program reads format 3/,
    ],
    [
      "of another version",
      (content: Record<string, unknown>) => Object.assign(content, { software: "0.0.1" }),
      new RegExp(`by version 0\\.0\\.1 of this program, this is ${softwareVersion()}`),
    ],
    [
      "without a part",
      (content: Record<string, unknown>) => {
        delete content["words"];
      },
      /words is missing/,
    ],
    [
      "with a list that is too short",
      (content: { measured: { leak: number[] } }) => content.measured.leak.pop(),
      /leak has 511 entries, expected 512/,
    ],
    [
      "with a word beyond its range",
      (content: { words: { neurons: { leak: number[] } } }) => {
        content.words.neurons.leak[3] = 1023;
      },
      /leak/,
    ],
  ])("%s is refused, saying so", (_, change, message) => {
    expect(refusal(rewritten(change as never)).message).toMatch(message);
  });

  it.each(["[]", "null", '"text"', "{}"])("that is %s is refused", (text) => {
    refusal(fileOf(text));
  });

  it("for another chip is refused, naming both", () => {
    const { message } = refusal(SHIPPED_PATH, { chip: "simulated-2" });
    expect(message).toMatch(/belongs to chip simulated-1, not to simulated-2/);
  });

  it.each(TARGET_PARAMETERS)("for another $name is refused, naming both values", ({ name, unit }) => {
    const target = { ...DEFAULT_TARGET, [name]: DEFAULT_TARGET[name] + 1 };
    const { message } = refusal(SHIPPED_PATH, { target });
    expect(message).toContain(`${name} is ${DEFAULT_TARGET[name]} ${unit}`);
    expect(message).toContain(`wanted is ${target[name]} ${unit}`);
  });

  it("that is absent or a folder is refused in words", () => {
    expect(refusal(join(folder, "absent.json")).message).toMatch(/there is no such file/);
    expect(refusal(folder).message).toMatch(/is a folder/);
  });

  it("is found under its usual name, and only when it may be used", () => {
    const place = join(folder, "usual");
    expect(findCalibration(place, "simulated-1", DEFAULT_TARGET).kind).toBe("absent");
    const path = join(place, `${calibrationKey("simulated-1", DEFAULT_TARGET)}.json`);
    saveCalibration(path, SHIPPED);
    expect(findCalibration(place, "simulated-1", DEFAULT_TARGET)).toMatchObject({ kind: "found", path });
    writeFileSync(path, SHIPPED_TEXT.slice(0, 1000));
    const found = findCalibration(place, "simulated-1", DEFAULT_TARGET);
    expect(found).toMatchObject({ kind: "unusable", reason: expect.stringMatching(/cut off/) });
  });

  it("has another name for each other target", () => {
    const keys = TARGET_PARAMETERS.map(({ name }) =>
      targetKey({ ...DEFAULT_TARGET, [name]: DEFAULT_TARGET[name] + 1 }),
    );
    expect(new Set([targetKey(DEFAULT_TARGET), ...keys]).size).toBe(TARGET_PARAMETERS.length + 1);
    expect(targetKey({ ...DEFAULT_TARGET })).toBe(targetKey(DEFAULT_TARGET));
  });

  it("is recognized among other files", () => {
    expect(isCalibrationFile(SHIPPED_PATH)).toBe(true);
    expect(isCalibrationFile(fileOf('{ "leak": 80 }'))).toBe(false);
    expect(isCalibrationFile(join(folder, "absent.json"))).toBe(false);
  });
});

describe("a place that cannot be written to", () => {
  it.each([
    ["saving", saveCalibration],
    ["reserving", reserveCalibration],
  ])("is refused when %s, naming the file and why", (_, write) => {
    const file = fileOf("");
    mkdirSync(join(folder, "taken.json"), { recursive: true });
    for (const [path, reason] of [
      [join(file, "below.json"), /part of its path is not a folder/],
      [join(folder, "taken.json"), /it is a folder/],
      // Nobody may create folders there, and mkdir's recursive form does not return.
      ["/proc/nowhere/below.json", /no folder can be made there|no permission|read-only/],
    ] as const) {
      const error = userErrorOf(() => write(path, SHIPPED));
      expect(error.exitCode).toBe(6);
      expect(error.message).toContain(path);
      expect(error.message).toMatch(reason);
      expect(error.hint).toContain("--out");
    }
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("leaves existing files as they are", () => {
    const path = fileOf("old");
    reserveCalibration(path);
    reserveCalibration(join(folder, "fresh", "new.json"));
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(existsSync(join(folder, "fresh", "new.json"))).toBe(false);
    expect(readdirSync(join(folder, "fresh"))).toEqual([]);
  });
});

describe("a file with a fitting digest and other content", () => {
  it.each([
    ["quality", [null], "quality[0] is null"],
    ["quality", [[1]], "quality[0] is [1]"],
    ["failed", [{}], "failed[0] is {}, no neuron"],
    ["failed", [512], "failed[0] is 512, no neuron"],
    ["strength", null, "strength is null"],
    ["measured", { leak: [{}] }, "is not a list of numbers"],
    ["words", { neurons: { leak: null } }, "leak is not a list of numbers"],
  ])("%s = %j is refused", (key, value, reason) => {
    const path = rewritten((content) => Object.assign(content, { [key]: value }));
    expect(refusal(path).message).toContain(reason);
  });

  it.each([
    ["words", "cadcOffset", Array(1024).fill(null), "cadcOffset[0] is null"],
    ["measured", "leak", Array(512).fill({}), "leak[0] is {}"],
  ])("is refused for %s.%s", (part, key, value, reason) => {
    const path = rewritten((content) => Object.assign(content[part]!, { [key]: value }));
    expect(refusal(path).message).toContain(reason);
  });

  it("is read or refused, and never crashes the program", () => {
    let refused = 0;
    for (let seed = 0; seed < 60; seed++) {
      const draws = stream(seed, "test/calibration");
      const path = rewritten((content) => {
        const mutated = mutateJson(content, draws);
        for (const key of Object.keys(content)) delete content[key];
        Object.assign(content, mutated);
      });
      try {
        loadCalibration(path);
      } catch (error) {
        expect(error).toMatchObject({ name: "UserError", code: "calibration" });
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(20);
  });
});
