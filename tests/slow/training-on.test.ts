/** Training on what is there: a finished run made longer, and a run that begins with the weights of another one. */

import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { eventprop } from "../cli/program.ts";
import { readJson, tinyRun } from "../cli/tiny-runs.ts";

const folder = mkdtempSync(join(tmpdir(), "eventprop-on-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const weights = (name: string): string => readFileSync(join(at(name), "weights.json"), "utf8");

it("makes a finished run longer, to the weights of one that was as long from the start", () => {
  const constant = ["--set", "schedule={kind: constant}"];
  expect(eventprop(tinyRun("software", 2, ...constant, "--out", at("run"))).code).toBe(0);
  const parent = weights("run");
  const longer = eventprop(["train", "--resume", at("run"), "--epochs", "4"]);
  expect(longer.stderr).not.toContain("error");
  expect(longer.code).toBe(0);
  expect(eventprop(tinyRun("software", 4, ...constant, "--out", at("whole"))).code).toBe(0);
  expect(weights("run")).toBe(weights("whole"));
  expect(weights("run")).not.toBe(parent);
  expect(readJson(at("run"), "result.json")).toMatchObject({ outcome: "finished", epochs: 4 });
  expect(readFileSync(join(at("run"), "config.yaml"), "utf8")).toContain("epochs: 4");
  const again = eventprop(["train", "--resume", at("run"), "--epochs", "3"]);
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining("has completed 4 epochs")]);
});

it("does not make a run longer whose schedule depends on its length", () => {
  expect(
    eventprop(tinyRun("software", 1, "--set", "schedule={kind: cosine}", "--out", at("cosine"))).code,
  ).toBe(0);
  const { code, stderr } = eventprop(["train", "--resume", at("cosine"), "--epochs", "3"]);
  expect([code, stderr]).toEqual([2, expect.stringContaining("depends on the number of epochs")]);
});

it("begins with the weights of another run and says which", () => {
  const child = eventprop([
    "train",
    "--from",
    at("whole"),
    "--set",
    "training.epochs=0",
    "--out",
    at("child"),
  ]);
  expect(child.code).toBe(0);
  expect(weights("child")).toBe(weights("whole"));
  const { parent } = readJson(at("child"), "provenance.json");
  expect(parent).toMatchObject({
    folder: at("whole"),
    weights: createHash("sha256").update(weights("whole")).digest("hex"),
  });
  const misfit = eventprop(["train", "--from", at("whole"), "--set", "network.populations.hidden.size=5"]);
  expect([misfit.code, misfit.stderr]).toEqual([3, expect.stringContaining("5 numbers are expected")]);
});
