import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { eventprop } from "./program.ts";

const EXPERIMENT = fileURLToPath(new URL("../../experiments/wunderlich-pehle.yaml", import.meta.url));
const YIN_YANG = fileURLToPath(new URL("../../experiments/yin-yang.yaml", import.meta.url));
const folder = temporaryFolder();

describe("given weights on given input spikes", () => {
  it("writes spikes and membranes", () => {
    const inputs = join(folder, "events.csv");
    writeFileSync(inputs, "sample,source,time_us\n0,0,2\n1,0,5\n");
    const weights = join(folder, "weights.json");
    // Input 0 drives neuron 0 of 2 above threshold, which excites readout 1 of 3.
    const hidden = [[3.2, 0], ...Array.from({ length: 4 }, () => [0, 0])];
    writeFileSync(
      weights,
      JSON.stringify({
        "input>hidden": hidden,
        "hidden>readout": [
          [0, 0.5, 0],
          [0, 0, 0],
        ],
      }),
    );
    const out = join(folder, "out");
    const { code, stderr } = eventprop([
      "emulate",
      YIN_YANG,
      "--set",
      "chip={ kind: software }",
      "--set",
      "network.populations.hidden.size=2",
      "--weights",
      weights,
      "--inputs",
      inputs,
      "--out",
      out,
    ]);
    expect(stderr).not.toMatch(/error/);
    expect(code).toBe(0);
    const [header, ...spikes] = readFileSync(join(out, "spikes.csv"), "utf8").trim().split("\n");
    expect(header).toBe("sample,population,neuron,time_us");
    // 3.2 is above the critical weight e: one spike in each sample.
    expect(spikes.map((line) => line.split(",").slice(0, 3).join())).toEqual(["0,hidden,0", "1,hidden,0"]);
    const membrane = readFileSync(join(out, "membrane.csv"), "utf8").trim().split("\n");
    expect(readdirSync(join(out, "figures")).sort()).toEqual(["membrane.svg", "raster.svg"]);
    expect(membrane[0]).toBe("sample,population,neuron,time_us,voltage");
    const largest = (neuron: number): number =>
      Math.max(
        ...membrane
          .slice(1)
          .map((line) => line.split(","))
          .filter(([, population, index]) => population === "readout" && Number(index) === neuron)
          .map((cells) => Number(cells[4])),
      );
    // One spike of weight w lifts a readout with tau_mem = tau_syn to w / e.
    expect(Math.abs(largest(1) - 0.5 / Math.E)).toBeLessThan(0.02);
    expect(largest(0)).toBeLessThan(0.02);
  });
});

describe("bad input", () => {
  it("names the row of a malformed events file, and writes nothing", () => {
    const inputs = join(folder, "bad.csv");
    writeFileSync(inputs, "sample,source,time_us\n0,0,1\n0,9,2\n");
    const weights = join(folder, "zero.json");
    const zero = (rows: number, columns: number): number[][] =>
      Array.from({ length: rows }, () => new Array<number>(columns).fill(0));
    writeFileSync(weights, JSON.stringify({ "input>hidden": zero(5, 200), "hidden>output": zero(200, 3) }));
    const out = join(folder, "bad-out");
    const { code, stderr } = eventprop([
      "emulate",
      EXPERIMENT,
      "--weights",
      weights,
      "--inputs",
      inputs,
      "--out",
      out,
    ]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/bad\.csv:3/);
    expect(existsSync(out)).toBe(false);
  });
});
