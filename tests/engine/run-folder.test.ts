import { existsSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkVacant, createRunFolder, linkLatest, timeStamp } from "../../src/engine/run-folder.ts";
import { temporaryFolder, userErrorOf } from "./temporary-folder.ts";

const folder = temporaryFolder();
const now = new Date(2026, 2, 1, 14, 22, 33);

describe("a run folder", () => {
  it("is named by experiment, local time and four letters; latest points at the last one", () => {
    const root = join(folder, "runs");
    const first = createRunFolder({ experiment: "yin-yang", root, now });
    const second = createRunFolder({ experiment: "yin-yang", root, now });
    expect(first).not.toBe(second);
    for (const path of [first, second]) {
      expect(path.startsWith(join(root, "yin-yang", "20260301-142233-"))).toBe(true);
      expect(basename(path)).toMatch(/^\d{8}-\d{6}-[a-z]{4}$/);
      expect(readdirSync(path)).toEqual([]);
    }
    linkLatest(first);
    linkLatest(second);
    expect(readlinkSync(join(root, "yin-yang", "latest"))).toBe(basename(second));
    expect(readdirSync(join(root, "yin-yang")).length).toBe(3);
  });

  it("pads the time stamp", () => {
    expect(timeStamp(new Date(2026, 0, 2, 3, 4, 5))).toBe("20260102-030405");
  });
});

describe("--out", () => {
  it("is taken exactly, created with its parents, without a link", () => {
    const out = join(folder, "deep", "here");
    expect(createRunFolder({ experiment: "x", out, now })).toBe(out);
    expect(readdirSync(join(folder, "deep"))).toEqual(["here"]);
    // still empty: nothing to lose
    expect(createRunFolder({ experiment: "x", out, now })).toBe(out);
  });

  it("is never written over", () => {
    const out = join(folder, "used");
    createRunFolder({ experiment: "x", out, now });
    writeFileSync(join(out, "metrics.csv"), "");
    const error = userErrorOf(() => createRunFolder({ experiment: "x", out, now }));
    expect([error.code, error.hint !== undefined]).toEqual(["file", true]);
    expect(error.message).toMatch(/is not empty/);
    expect(userErrorOf(() => checkVacant(out)).message).toBe(error.message);
  });

  it("can be checked without being created", () => {
    const out = join(folder, "later");
    checkVacant(out);
    expect(existsSync(out)).toBe(false);
  });

  it("says when it cannot be a folder", () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    for (const out of [file, join(file, "below")]) {
      expect(userErrorOf(() => createRunFolder({ experiment: "x", out, now })).code).toBe("file");
    }
    const root = join(file, "runs");
    expect(userErrorOf(() => createRunFolder({ experiment: "x", root, now })).code).toBe("file");
    expect(existsSync(root)).toBe(false);
  });
});
