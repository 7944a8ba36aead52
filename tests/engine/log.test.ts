import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openLog } from "../../src/engine/log.ts";
import { temporaryFolder, userErrorOf } from "./temporary-folder.ts";

const folder = temporaryFolder();

it("has written each line when the call returns, without the machine's name", () => {
  const log = openLog(folder, () => {});
  log.info({ epoch: 1 }, "epoch done");
  const lines = readFileSync(join(folder, "log.ndjson"), "utf8").trimEnd().split("\n");
  expect(lines.length).toBe(1);
  const entry = JSON.parse(lines[0] as string);
  expect(entry).toMatchObject({ level: 30, epoch: 1, msg: "epoch done" });
  expect(Number.isNaN(Date.parse(entry.time))).toBe(false);
  expect(Object.keys(entry)).not.toContain("hostname");
  expect(JSON.stringify(entry)).not.toContain(hostname());
});

it("says when it cannot be written", () => {
  mkdirSync(join(folder, "taken", "log.ndjson"), { recursive: true });
  expect(userErrorOf(() => openLog(join(folder, "taken"), () => {})).code).toBe("file");
  expect(userErrorOf(() => openLog(join(folder, "none"), () => {})).code).toBe("file");
});

// /dev/full takes no bytes, as a full disk does.
it.skipIf(!existsSync("/dev/full"))("says once that lines are lost, and goes on", async () => {
  mkdirSync(join(folder, "full"));
  symlinkSync("/dev/full", join(folder, "full", "log.ndjson"));
  const told: string[] = [];
  const log = openLog(join(folder, "full"), (event) => {
    if (event.kind === "warning") told.push(event.message);
  });
  log.info({}, "one");
  log.info({}, "two");
  log.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(told).toEqual([
    expect.stringMatching(/log\.ndjson goes on without further lines: the disk is full/),
  ]);
});
