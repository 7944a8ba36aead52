/** A bundle for the real chip: its files, and its script run against a stand-in for the software of the chip. */

import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { beforeAll, describe, expect, it } from "vitest";
import { parseNpy } from "../../src/data/npy.ts";
import { unzipped } from "../../src/data/unpack.ts";
import { eventprop } from "../cli/program.ts";
import { tinyRun } from "../cli/tiny-runs.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

const STAND_IN = fileURLToPath(new URL("../export/stand-in", import.meta.url));
const HAS_NUMPY = spawnSync("python3", ["-c", "import numpy"]).status === 0;
const cwd = temporaryFolder();
const at = (...parts: string[]): string => join(cwd, ...parts);
const arraysOf = (file: string) =>
  new Map(
    [...unzipped(readFileSync(at(file)), file)].map(([name, bytes]) => [
      name.replace(/\.npy$/, ""),
      parseNpy(bytes, name),
    ]),
  );

beforeAll(() => {
  expect(eventprop(tinyRun("ideal", 1, "--out", "run"), { cwd }).code).toBe(0);
  const { code, stdout, stderr } = eventprop(["export", "run", "--for", "hxtorch", "--out", "bundle"], {
    cwd,
  });
  expect([code, stdout]).toEqual([0, "bundle\n"]);
  expect(stderr).toMatch(/never run on silicon/);
  expect(eventprop(["export", "run", "--out", "arrays.npz"], { cwd }).code).toBe(0);
}, 60_000);

describe("a bundle", () => {
  it("fits its schema and holds the nine numbers of the target", () => {
    const bundle = JSON.parse(readFileSync(at("bundle", "bundle.json"), "utf8"));
    const schema = JSON.parse(readFileSync(at("bundle", "bundle.schema.json"), "utf8"));
    const validate = new Ajv({ strict: false }).compile(schema);
    expect(validate(bundle), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...bundle, format: 2 })).toBe(false);
    expect(Object.keys(bundle.populations[0].target)).toHaveLength(9);
    expect(bundle.populations[0].target.threshold).toBe(150);
    const circuits = bundle.populations.flatMap((one: { atomicNeurons: number[] }) => one.atomicNeurons);
    expect(new Set(circuits).size).toBe(circuits.length);
  });

  it("has every word of the run once, at a synapse of its own", () => {
    const { shape, values } = arraysOf("bundle/words.npz").get("placed")!;
    const rows = Array.from({ length: shape[0]! }, (_, i) => [...values.subarray(9 * i, 9 * i + 9)]);
    const sites = new Set(rows.map(([, , , , row, column]) => `${row} ${column}`));
    expect(sites.size).toBe(rows.length);
    const words = arraysOf("arrays.npz");
    const names = JSON.parse(readFileSync(at("bundle", "bundle.json"), "utf8")).projections.map(
      ({ name }: { name: string }) => name,
    );
    names.forEach((name: string, p: number) => {
      const own = rows.filter(([projection]) => projection === p).map((row) => row[8]);
      expect(own).toEqual([...words.get(`${name}.words`)!.values]);
    });
  });

  it("is not written over anything, and not made of a run in software", () => {
    const again = eventprop(["export", "run", "--for", "hxtorch", "--out", "bundle"], { cwd });
    expect(again.code).not.toBe(0);
    expect(again.stderr).toMatch(/exists already/);
    expect(eventprop(tinyRun("software", 1, "--out", "soft"), { cwd }).code).toBe(0);
    const soft = eventprop(["export", "soft", "--for", "hxtorch"], { cwd });
    expect(soft.code).not.toBe(0);
    expect(soft.stderr).toMatch(/in software/);
    expect(existsSync(at("soft-bss2"))).toBe(false);
  });
});

describe.skipIf(!HAS_NUMPY)(`its script${HAS_NUMPY ? "" : " (skipped: no python3 with numpy)"}`, () => {
  const script = (out: string, environment: Record<string, string> = {}, ...more: string[]) =>
    spawnSync("python3", ["bundle/run_on_bss2.py", "bundle", "-o", out, "--batch", "7", ...more], {
      cwd,
      encoding: "utf8",
      env: { ...process.env, PYTHONPATH: STAND_IN, PYTHONDONTWRITEBYTECODE: "1", ...environment },
    });

  it("routes each input to the neurons that its words excite, with the same ticks, also when a run fails once", () => {
    const { status, stderr } = script("recording.npz", { STAND_IN_BROKEN_RUNS: "2" });
    expect([status, stderr.match(/connection was lost/g)?.length]).toEqual([0, 2]);
    const recording = arraysOfRecording("recording.npz");
    const inputs = arraysOf("bundle/inputs.npz");
    const words = arraysOf("arrays.npz").get("input>hidden.words")!;
    const [, targets, copies] = words.shape as [number, number, number];
    const excited = (source: number): number[] =>
      Array.from({ length: targets }, (_, target) => target).filter((target) => {
        const first = (source * targets + target) * copies;
        return words.values.subarray(first, first + copies).reduce((sum, word) => sum + word, 0) > 0;
      });
    const offset = [...inputs.get("offset")!.values];
    const wanted = offset.slice(0, -1).map((first, sample) => {
      const events: string[] = [];
      for (let i = first; i < offset[sample + 1]!; i++)
        for (const neuron of excited(inputs.get("source")!.values[i]!))
          events.push(`${inputs.get("tick")!.values[i]} ${neuron}`);
      return events.sort();
    });
    const seen = [...recording["spikes.offset"]!].slice(0, -1).map((first, sample) => {
      const events: string[] = [];
      for (let i = first; i < recording["spikes.offset"]![sample + 1]!; i++)
        events.push(`${recording["spikes.tick"]![i]} ${recording["spikes.neuron"]![i]}`);
      return events.sort();
    });
    expect(wanted.flat().length).toBeGreaterThan(100);
    expect(seen).toEqual(wanted);
    // Membranes of the three outputs, which are the last neurons, once in each of 20 samples.
    expect(recording["cadc.neuron"]).toEqual(Array.from({ length: 60 }, (_, i) => targets + (i % 3)));
    expect(recording["lost"]).toEqual([]);
  });

  it("ends before anything runs when a circuit in use failed its calibration", () => {
    const [first] = JSON.parse(readFileSync(at("bundle", "bundle.json"), "utf8")).populations[0]
      .atomicNeurons;
    const { status, stderr } = script("failed.npz", { STAND_IN_FAILED: String(first) });
    expect(status).not.toBe(0);
    expect(stderr).toContain(`failed for circuits [${first}]`);
    expect(existsSync(at("failed.npz"))).toBe(false);
  });

  it("says which runs were lost, and overwrites nothing", () => {
    const { status, stderr } = script("lost.npz", { STAND_IN_BROKEN_RUNS: "1" }, "--attempts", "1");
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/1 runs failed/);
    expect(arraysOfRecording("lost.npz")["lost"]).toEqual([0]);
    expect(script("lost.npz").stderr).toMatch(/exists already/);
  });

  it("gives a recording that study realism reads: neurons that no input excites are missing", () => {
    const study = eventprop(["study", "realism", "bundle"], { cwd });
    expect(study.stderr).toMatch(/no recording/);
    copyFileSync(at("recording.npz"), at("bundle", "recording.npz"));
    const { code, stdout } = eventprop(["study", "realism", "bundle", "--json", "-q"], { cwd });
    expect(code).toBe(0);
    const [network] = JSON.parse(stdout);
    expect([network.population, network.samples, network.simulated]).toEqual(["hidden", 20, []]);
    const [{ chip, differences }] = network.recorded;
    expect([chip, differences.of]).toEqual(["hxcube-stand-in", 20 * 12]);
    // The stand-in spikes at each exciting input, most of which are too weak alone.
    expect(differences.extra).toBeGreaterThan(differences.missing);
    const other = at("other");
    cpSync(at("bundle"), other, { recursive: true });
    copyFileSync(at("lost.npz"), join(other, "recording.npz"));
    const lost = eventprop(["study", "realism", "other"], { cwd });
    expect(lost.code).not.toBe(0);
    expect(lost.stderr).toMatch(/runs were lost/);
  });

  /** Arrays of whole numbers. */
  function arraysOfRecording(file: string): Record<string, number[]> {
    const code =
      "import json, numpy, sys; a = numpy.load(sys.argv[1]); " +
      "print(json.dumps({k: a[k].tolist() for k in a.files if a[k].dtype.kind == 'i'}))";
    return JSON.parse(spawnSync("python3", ["-c", code, file], { cwd, encoding: "utf8" }).stdout);
  }
});
