import { describe, expect, it } from "vitest";
import { resized } from "../../src/mapping/fitting.ts";
import { placementHeadroom } from "../../src/mapping/headroom.ts";
import { placeNetwork, tryPlace } from "../../src/mapping/place.ts";
import { placementJson } from "../../src/mapping/placement-json.ts";
import { resourceReport } from "../../src/mapping/resources.ts";
import { resourceText } from "../../src/mapping/resources-text.ts";
import { yinYang } from "./networks.ts";

const network = yinYang();
const exclude = new Uint8Array(512).fill(1, 40, 44);
const placement = placeNetwork(network, { exclude });
const report = resourceReport(network, placement);

describe("resource report", () => {
  it("counts what Yin-Yang takes: 50 rows on top, 240 at the bottom", () => {
    expect(report.neurons).toEqual({ used: 123, excluded: 4, left: 385 });
    expect(report.rows).toEqual([50, 240]);
    expect(report.synapses).toBe(2 * (5 * 120 * 5 + 120 * 3));
    expect(report.populations).toEqual([
      {
        name: "hidden",
        model: "lif",
        size: 120,
        circuits: 1,
        onHemisphere: [120, 0],
        signedInputs: 25,
        fanInRows: 50,
        rowsOnBus: [20, 10, 10, 10],
      },
      {
        name: "readout",
        model: "li",
        size: 3,
        circuits: 1,
        onHemisphere: [0, 3],
        signedInputs: 120,
        fanInRows: 240,
        rowsOnBus: [60, 60, 60, 60],
      },
    ]);
    expect(report.readoutHemispheres).toEqual([1]);
  });

  it("says what each bus and event output has left", () => {
    expect(report.buses.map(({ rows, rowsLeft }) => rows + rowsLeft)).toEqual(new Array(8).fill(64));
    expect(report.buses.map(({ sources }) => sources)).toEqual([2, 1, 1, 1, 30, 30, 30, 30]);
    expect(report.buses.map(({ labelsLeft }) => labelsLeft)).toEqual([62, 63, 63, 63, 34, 34, 34, 34]);
    expect(report.eventOutputs.reduce((sum, { spiking }) => sum + spiking, 0)).toBe(120);
    expect(report.eventOutputs.reduce((sum, { neurons }) => sum + neurons, 0)).toBe(123);
  });

  it("reads as text", () => {
    const text = resourceText(report);
    expect(text).toContain("Neuron circuits: 123 used, 4 excluded, 385 left of 512");
    expect(text).toMatch(/^hidden +lif +120 +1 +120 +0 +25 +50 +206 +20 10 10 10$/m);
    expect(text).toMatch(/^bottom +3 +60 +4 +30 +34$/m);
    expect(text).toContain("Membranes of non-spiking populations are read on: bottom");
  });
});

describe("room to grow", () => {
  const options = { circuits: { hidden: 1, readout: 1 } };
  const room = placementHeadroom(network, options);
  const largest = (name: string): number | undefined =>
    room.find(({ size }) => (size.kind === "inputs" ? "inputs" : size.name) === name)?.largest;

  it("is where the rows of a circuit end", () => {
    // 128 signed inputs of a circuit: of the readout from hidden, of hidden from 5 inputs or 5 · rows.
    expect(largest("hidden")).toBe(128);
    expect(largest("input>hidden")).toBe(25);
    expect(largest("inputs")).toBe(25);
    expect(largest("hidden>readout")).toBe(1);
    expect(largest("readout")).toBe(392);
  });

  it("is a size that fits, and one more does not", () => {
    for (const { size, largest: value } of room) {
      expect("resource" in tryPlace(resized(network, size, value), options)).toBe(false);
      expect("resource" in tryPlace(resized(network, size, value + 1), options)).toBe(true);
    }
  });

  it("goes on with coupled circuits where the number of circuits is left open", () => {
    const [hidden] = placementHeadroom(network);
    expect(hidden).toMatchObject({ size: { name: "hidden" }, largest: 493 });
  });

  it("is printed when asked for", () => {
    expect(resourceText(report)).not.toContain("room to grow");
    expect(resourceText(report, room)).toMatch(/^neurons in hidden +120 +128$/m);
  });
});

describe("placement as JSON", () => {
  const json = placementJson(network, placement);

  it("survives JSON", () => {
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
  });

  it("names circuits, rows and buses as they are placed", () => {
    const hidden = json.populations[0]?.neurons[5];
    expect(hidden?.circuit).toBe(placement.neuron[5]);
    expect(hidden?.circuit).toBe(256 * (hidden?.hemisphere ?? 0) + (hidden?.column ?? 0));
    const [toHidden, toReadout] = json.projections;
    expect(toHidden?.sources.every(({ top, bottom }) => top.length === 5 && bottom.length === 0)).toBe(true);
    expect(toReadout?.sources.every(({ top, bottom }) => top.length === 0 && bottom.length === 1)).toBe(true);
    for (const { input, buses } of json.inputs) {
      const rows = toHidden?.sources[input]?.top ?? [];
      expect(buses).toEqual([`top ${(rows[0]! / 2) % 4}`]);
    }
  });
});
