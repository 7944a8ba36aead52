import { spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lockRun } from "../../src/engine/run-lock.ts";
import { temporaryFolder, userErrorOf } from "./temporary-folder.ts";

const folder = temporaryFolder();
const claims = () => readdirSync(folder);
const leave = (claim: object): string => {
  const path = join(folder, "lock-1-1.json");
  writeFileSync(path, JSON.stringify({ since: "then", held: true, processStart: "", ...claim }));
  return path;
};

describe("a lock", () => {
  it("names process, machine and time, keeps a second writer out, and goes with its holder", () => {
    const lock = lockRun(folder);
    const [name] = claims();
    const claim = JSON.parse(readFileSync(join(folder, name as string), "utf8"));
    expect(claim).toMatchObject({ process: process.pid, host: hostname(), held: true });
    expect(Number.isNaN(Date.parse(claim.since))).toBe(false);
    const error = userErrorOf(() => lockRun(folder));
    expect([error.code, error.exitCode]).toEqual(["file", 6]);
    expect(error.message).toContain(`is in use by process ${process.pid} on ${hostname()}`);
    expect(claims()).toEqual([name]);
    lock.release();
    expect(claims()).toEqual([]);
    lockRun(folder).release();
  });

  it("of a process that is gone is taken over", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await new Promise((resolve) => child.on("exit", resolve));
    leave({ process: child.pid, host: hostname() });
    const lock = lockRun(folder);
    expect(claims()).toHaveLength(1);
    lock.release();
  });

  it.skipIf(process.platform !== "linux")("of an earlier process with the same number is taken over", () => {
    leave({ process: process.pid, host: hostname(), processStart: "another boot 123" });
    lockRun(folder).release();
    expect(claims()).toEqual([]);
  });

  it("is left and named when it belongs to another machine or cannot be read", () => {
    for (const claim of [{ process: 7, host: "elsewhere" }, undefined]) {
      const path = leave(claim ?? {});
      if (claim === undefined) writeFileSync(path, "{");
      const { hint } = userErrorOf(() => lockRun(folder));
      expect(hint).toContain(path);
      expect(claims()).toHaveLength(1);
    }
  });
});
