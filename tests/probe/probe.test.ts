import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { loadProbe } from "../../src/probe/probe-file.ts";
import { runProbe } from "../../src/probe/run-probe.ts";
import { type ProbeSummary, spreads, summarize } from "../../src/probe/summary.ts";
import { eventprop } from "../cli/program.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

const SHIPPED = fileURLToPath(new URL("../../experiments/probe", import.meta.url));
const folder = temporaryFolder();
let files = 0;

function written(text: string): string {
  const path = join(folder, `probe-${files++}.yaml`);
  writeFileSync(path, text);
  return path;
}

async function probed(text: string): Promise<ProbeSummary[]> {
  const probe = loadProbe(written(text), []);
  const found = await runProbe(probe, () => Promise.reject(new Error("nothing asks for a calibration")));
  return summarize(found, Math.min(...probe.inputs.flatMap(({ times }) => times)));
}

const IDEAL = "chip: { kind: ideal }\nneurons: [3, 300]\nduration: 80 us\n";

describe("a probe", () => {
  it("shows the postsynaptic potential of the published law on both hemispheres", async () => {
    const found = await probed(`${IDEAL}inputs: [{ weight: 63, times: [20 us] }]`);
    expect(found.map(({ neuron }) => neuron)).toEqual([3, 300]);
    // 6e-5 LSB · weight · tau / us · DAC bias, of default words of 6 us and 600; samples every 1.7 us, rounded.
    for (const { peak, rest } of found) {
      expect(rest).toBe(80);
      expect(Math.abs(peak - 6e-5 * 63 * 6 * 600)).toBeLessThan(0.8);
    }
  });

  it("adds the synapses of an input, subtracts inhibitory ones, and gives each input its own label", async () => {
    const [three] = await probed(`${IDEAL}inputs: [{ weight: 20, synapses: 3, times: [20 us] }]`);
    const [one] = await probed(`${IDEAL}inputs: [{ weight: 60, times: [20 us] }]`);
    const [other] = await probed(
      `${IDEAL}inputs: [{ weight: 60, sign: inhibitory, times: [20 us] }, { weight: 60, times: [] }]`,
    );
    expect(three!.peak).toBe(one!.peak);
    expect(other!.peak).toBe(0);
    expect(other!.trough).toBe(-one!.peak);
  });

  it("reads the fast converter neuron by neuron", async () => {
    const found = await probed(`${IDEAL}inputs: [{ weight: 63, times: [20 us] }]\nrecord: madc`);
    // 2.5 MADC LSB per LSB.
    for (const { peak } of found) expect(Math.abs(peak / (6e-5 * 63 * 6 * 600) - 2.5)).toBeLessThan(0.1);
  });

  it("sweeps a word: more current, more spikes, all in equal intervals", async () => {
    const found = await probed(
      `${IDEAL}words: { thresholdOn: 1, offsetCurrentOn: 1 }\nrecord: spikes\n` +
        "sweep: { of: offsetCurrent, values: [0, 900, 1022] }",
    );
    const counts = [0, 900, 1022].map((code) => found.find(({ value }) => value === code)!.spikes);
    expect(counts[0]).toBe(0);
    expect(counts[1]).toBeGreaterThan(0);
    expect(counts[2]).toBeGreaterThan(counts[1]!);
    const last = found.at(-1)!;
    expect(last.lastInterval).toBeCloseTo(last.firstInterval, 1);
    expect(spreads(found).map(({ value, spread }) => [value, spread["spikes"]])).toEqual([
      [0, 0],
      [900, 0],
      [1022, 0],
    ]);
  });
});

describe("a probe file", () => {
  it.each([
    ["words: { treshold: 5 }", /`threshold`/],
    // Addresses are the probe's own: spikes with other ones would be lost.
    ["words: { address: 3 }", /address/],
    ["sweep: { of: address, values: [3] }", /address/],
    ["words: { leak: 1023 }", /1022/],
    ["inputs: [{ synapses: 100 }, { synapses: 29 }]", /129 synapses/],
    ["inputs: [{ times: [90 us] }]", /after the end/],
    ["sweep: { of: weight, values: [1] }", /no input/],
    ["inputs: [{}]\nsweep: { of: weight, values: [64] }", /0 … 63/],
    ["record: trace", /cadc/],
  ])("with %j is refused at its line", (text, problem) => {
    const path = written(`${IDEAL}${text}\n`);
    let message = "";
    try {
      loadProbe(path, []);
    } catch (error) {
      const { message: said, hint, where } = error as Error & { hint?: string; where?: { line: number } };
      message = `${said} ${hint ?? ""}`;
      expect(where?.line).toBeGreaterThan(3);
    }
    expect(message).toMatch(problem);
  });

  it.each(readdirSync(SHIPPED))("%s that is shipped is right", (name) => {
    expect(loadProbe(join(SHIPPED, name), []).neurons.length).toBeGreaterThan(0);
  });
});

describe("eventprop probe", () => {
  it("writes traces, spikes, summary and figure, and overwrites no existing file", () => {
    const path = written(`${IDEAL}inputs: [{ weight: 63, times: [20 us] }]`);
    const out = join(folder, "probed");
    const first = eventprop(["probe", path, "--out", out]);
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/rest +noise.*peak/);
    expect(readdirSync(out).sort()).toEqual(["probe.svg", "spikes.csv", "summary.csv", "trace.csv"]);
    const [header, ...rows] = readFileSync(join(out, "trace.csv"), "utf8").trim().split("\n");
    expect(header).toBe("value,repeat,neuron,time_us,code");
    expect(new Set(rows.map((row) => row.split(",")[2]))).toEqual(new Set(["3", "300"]));
    const occupied = join(folder, "occupied");
    mkdirSync(occupied);
    writeFileSync(join(occupied, "precious"), "");
    const refused = eventprop(["probe", path, "--out", occupied]);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toMatch(/not empty/);
    expect(readdirSync(occupied)).toEqual(["precious"]);
  });
});
