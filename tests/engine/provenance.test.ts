import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { collectProvenance, hashFolder, sha256, writeProvenance } from "../../src/engine/provenance.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
const program = join(folder, "program");
mkdirSync(join(program, "core"), { recursive: true });
writeFileSync(join(program, "main.js"), "1");
writeFileSync(join(program, "core", "a.wasm"), "2");

const request = {
  command: ["train", "x.yaml", "--seed", "3"],
  workingFolder: folder,
  version: "0.1.0",
  programFolder: program,
  experiment: "seed: 3\n",
  seeds: { run: 3, chip: null },
  started: new Date("2026-03-01T14:22:33Z"),
};

it("hashes names and contents of the program, and nothing else", () => {
  const before = hashFolder(program);
  writeFileSync(join(program, "main.js.map"), "{}");
  expect(hashFolder(program)).toBe(before);
  writeFileSync(join(program, "main.js"), "2");
  expect(hashFolder(program)).not.toBe(before);
  writeFileSync(join(program, "main.js"), "1");
  expect(hashFolder(program)).toBe(before);
});

it("records command, program, machine, seeds and times, but no environment", () => {
  process.env["EVENTPROP_TEST_SECRET"] = "sesame-open-4711";
  const provenance = collectProvenance(request);
  writeProvenance(folder, provenance);
  expect(provenance).toMatchObject({ command: request.command, seeds: request.seeds, version: "0.1.0" });
  // SHA-256 of "seed: 3\n", known from sha256sum
  expect(provenance.experimentHash).toBe(sha256(Buffer.from("seed: 3\n")));
  expect(sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); // FIPS 180-2
  expect([provenance.node, provenance.v8]).toEqual([process.versions.node, process.versions.v8]);
  expect(provenance.processor.count).toBeGreaterThan(0);
  expect(provenance.git).toBeNull();
  expect(readFileSync(join(folder, "provenance.json"), "utf8")).not.toContain("sesame-open-4711");
});

it("is completed at the end", () => {
  const provenance = collectProvenance(request);
  const read = () => JSON.parse(readFileSync(join(folder, "provenance.json"), "utf8"));
  writeProvenance(folder, provenance);
  expect([read().ended, read().exitCode]).toEqual([null, null]);
  writeProvenance(folder, provenance, { time: new Date("2026-03-01T14:23:00Z"), exitCode: 0 });
  expect(read()).toMatchObject({
    started: "2026-03-01T14:22:33.000Z",
    ended: "2026-03-01T14:23:00.000Z",
    exitCode: 0,
  });
});
