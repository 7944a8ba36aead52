/** NIR files: their structure, graphs within graphs, and a trained run that leaves as a file, comes back and answers the same. */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Hdf5Value, writeHdf5 } from "../../src/data/hdf5/write.ts";
import { buildNetwork } from "../../src/network/network.ts";
import { nirOf } from "../../src/nir/export.ts";
import { readNir, writeNir } from "../../src/nir/graph.ts";
import { networkOfNir } from "../../src/nir/import.ts";
import { eventprop } from "../cli/program.ts";
import { refusal } from "../cli/refusal.ts";
import { readJson, SMOKE, tinyRun } from "../cli/tiny-runs.ts";
import { temporaryFolder, userErrorOf } from "../engine/temporary-folder.ts";

const cwd = temporaryFolder();
const at = (name: string): string => join(cwd, name);
const DATA = ["data.trainSize=60", "data.validationSize=20", "data.testSize=20", "chip.kind=software"];
const SETS = DATA.flatMap((value) => ["--set", value]);

const neuron = { tauMem: 6, tauSynExc: 5.7, tauSynInh: 5.7, threshold: 1, reset: 0, refractory: 2 };
const seconds = { unit: "s", area: 1, speedup: 1 } as const;

test("a file returns as the graph that was written, and h5py finds the structure of NIR in it", async () => {
  const network = buildNetwork(
    3,
    [
      { name: "hidden", model: "lif", size: 2, ...neuron },
      { name: "readout", model: "li", size: 2, ...neuron },
    ],
    [
      {
        from: "input",
        to: "hidden",
        rows: 1,
        delay: { kind: "axonal", initial: 1, maximum: 6, learningRate: 0 },
      },
      { from: "hidden", to: "readout", rows: 1 },
    ],
    38,
  );
  const parameters = Float64Array.from({ length: network.parameters }, (_, i) => i / 7);
  const { graph, notes } = nirOf(network, parameters, "s");
  expect(notes.join()).toMatch(/no refractory time; 2 us of `hidden`/);
  const path = at("network.nir");
  await writeNir(path, graph);
  const read = readNir(path);
  expect([...read.nodes.keys()].sort()).toEqual([...graph.nodes.keys()].sort());
  for (const [name, node] of graph.nodes) expect(read.nodes.get(name)).toEqual(node);
  expect(read.edges).toEqual(graph.edges);
  const script = `
import sys, h5py
with h5py.File(sys.argv[1]) as f:
    assert f["version"][()] == b"1.0" and f["node/type"][()] == b"NIRGraph", "head"
    assert f["node/edges"].shape == (6, 2) and f["node/edges"][0][0] == b"input", f["node/edges"]
    nodes = f["node/nodes"]
    assert nodes["input/shape"].dtype.kind == "i" and list(nodes["input/shape"]) == [3], "input"
    assert nodes["hidden/type"][()] == b"CubaLIF" and nodes["readout/type"][()] == b"CubaLI", "types"
    assert nodes["input_to_hidden/weight"].shape == (2, 3), "weight"
    assert abs(nodes["hidden/tau_mem"][0] - 6e-6) < 1e-18 and nodes["hidden/tau_mem"].dtype == "f8", "tau"
    assert abs(nodes["hidden/metadata/refractory"][0] - 2e-6) < 1e-18, "refractory"`;
  const python = ["/usr/bin/python3", "python3"].find(
    (one) => spawnSync(one, ["-c", "import h5py"]).status === 0,
  );
  if (python !== undefined) {
    const { status, stderr } = spawnSync(python, ["-c", script, path], { encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
  }
});

test("graphs within graphs are taken apart", async () => {
  const tau = { shape: [2], values: Float64Array.of(6e-6, 6e-6) };
  const strings = (...values: string[]) => ({ shape: [values.length / 2, 2], values });
  const size = (count: number) => ({ shape: [1], values: BigInt64Array.of(BigInt(count)) });
  const content = new Map<string, Hdf5Value>([
    ["node/type", "NIRGraph"],
    ["node/nodes/input/type", "Input"],
    ["node/nodes/input/shape", size(1)],
    ["node/nodes/output/type", "Output"],
    ["node/nodes/block/type", "NIRGraph"],
    ["node/nodes/block/nodes/in/type", "Input"],
    ["node/nodes/block/nodes/in/shape", size(1)],
    ["node/nodes/block/nodes/out/type", "Output"],
    ["node/nodes/block/nodes/fc/type", "Linear"],
    ["node/nodes/block/nodes/fc/weight", { shape: [2, 1], values: Float64Array.of(0.5, -0.25) }],
    ["node/nodes/block/nodes/li/type", "CubaLI"],
    ["node/nodes/block/nodes/li/tau_mem", tau],
    ["node/nodes/block/nodes/li/tau_syn", tau],
    ["node/nodes/block/nodes/li/w_in", tau],
    ["node/nodes/block/nodes/li/r", { shape: [], values: Float64Array.of(2) }],
    ["node/nodes/block/edges", strings("in", "fc", "fc", "li", "li", "out")],
    ["node/edges", strings("input", "block", "block", "output")],
  ]);
  const path = at("nested.nir");
  await writeHdf5(path, content);
  const { populations, values } = networkOfNir(path, readNir(path), seconds);
  expect(Object.keys(populations)).toEqual(["block_li"]);
  expect(values["input>block_li"]).toEqual([[1, -0.5]]);
  // Without the edges of the inner graph.
  content.delete("node/nodes/block/edges");
  await writeHdf5(path, content);
  expect(userErrorOf(() => readNir(path)).message).toMatch(/node\/nodes\/block\/edges does not hold pairs/);
});

test("an exported run, imported, has the same weights and the same test result", () => {
  expect(eventprop(tinyRun("software", 2, "--out", "run"), { cwd }).code).toBe(0);
  const made = eventprop(["nir", "export", "run", "--out", "run.nir"], { cwd });
  expect([made.code, made.stdout]).toEqual([0, "run.nir\n"]);
  expect(made.stderr).toMatch(/NIR has no refractory time/);
  const units = ["--time-unit", "s", "--spike-area", "dirac"];
  const words = ["nir", "import", "run.nir", ...units, "--experiment", SMOKE, ...SETS, "--out", "again.yaml"];
  const read = eventprop(words, { cwd });
  expect([read.code, read.stdout]).toEqual([0, "again.yaml\nagain.weights.json\n"]);
  const again = ["train", "again.yaml", "--set", "training.epochs=0", "--out", "again"];
  expect(eventprop(again, { cwd }).code).toBe(0);
  expect(readJson(at("again"), "weights.json")).toEqual(readJson(at("run"), "weights.json"));
  const [first, second] = ["run", "again"].map((run) => readJson(at(run), "result.json").test);
  expect(second).toEqual(first);
}, 300_000);

test("what an import is not told, it asks for; what is implausible is refused with the other readings", async () => {
  const nir = (...more: string[]) =>
    refusal("nir", "import", at("run.nir"), "--out", at("new.yaml"), ...more);
  expect((await nir()).stderr).toMatch(/needs --time-unit and --spike-area/);
  expect((await nir("--time-unit", "s", "--spike-area", "dirac")).stderr).toMatch(/needs --experiment/);
  const asked = ["--spike-area", "dirac", "--experiment", SMOKE];
  const wrong = await nir("--time-unit", "us", ...asked);
  expect(wrong.code).toBe(3);
  expect(wrong.stderr).toMatch(/time constant of 0\.000006 us[\s\S]*6 us read in s/);
  writeFileSync(at("cut.nir"), readFileSync(at("run.nir")).subarray(0, 900));
  const cut = await refusal(
    "nir",
    "import",
    at("cut.nir"),
    "--time-unit",
    "s",
    ...asked,
    "--out",
    at("new.yaml"),
  );
  expect(cut.stderr).toMatch(/cut\.nir/);
  expect(cut.code).toBe(3);
  const taken = await refusal(
    "nir",
    "import",
    at("run.nir"),
    "--time-unit",
    "s",
    ...asked,
    "--out",
    at("again.yaml"),
  );
  expect(taken.code).toBe(6);
  expect((await refusal("nir", "sideways", at("run"))).code).toBe(2);
  expect(existsSync(at("new.yaml"))).toBe(false);
});

test("the commands of docs/nir.md, word for word: export, import, evaluate, train further", () => {
  const page = readFileSync(new URL("../../docs/nir.md", import.meta.url), "utf8");
  const commands = /```\n(npx eventprop nir export[\s\S]*?)```/.exec(page)![1]!.trim().split("\n");
  expect(commands).toHaveLength(4);
  expect(eventprop(tinyRun("ideal", 1, "--out", "runs/smoke/latest"), { cwd }).code).toBe(0);
  // A chip without mismatch needs no calibration; one epoch shows that training goes on.
  const shorter = (words: string[]) =>
    words[0] === "train" && words.length === 2 ? [...words, "--set", "training.epochs=1"] : words;
  for (const command of commands) {
    const words = command
      .replace(/#.*/, "")
      .replace(/^npx eventprop /, "")
      .trim()
      .split(/\s+/);
    const ideal = words.includes("import") || words[0] === "train" ? ["--set", "chip={ kind: ideal }"] : [];
    const { code, stderr } = eventprop([...shorter(words), ...ideal], { cwd });
    expect([command, code, code === 0 ? "" : stderr]).toEqual([command, 0, ""]);
  }
}, 300_000);
