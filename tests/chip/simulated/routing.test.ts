import { describe, expect, test } from "vitest";
import { eventOutputOf, neuronLabel } from "../../../src/chip/coordinates.ts";
import { defaultConfig } from "../../../src/chip/default-config.ts";
import { CROSSBAR_OUTPUTS } from "../../../src/chip/limits.ts";
import { fpgaInput, fpgaLabel, reachesHost, rowsOf } from "../../../src/chip/simulated/routing.ts";
import type { RoutingWords } from "../../../src/chip/types.ts";

/** Every driver enabled with both signs. */
function openRouting(): RoutingWords {
  const { routing } = defaultConfig();
  for (let row = 0; row < 512; row++) routing.rowMode[row] = 1 + (row % 2);
  return routing;
}

const label = (select: number, synapse: number): number => (select << 6) | synapse;

describe("rows of an event", () => {
  test("nothing passes a crossbar that is off", () => {
    expect(rowsOf(openRouting(), 8, label(3, 5))).toEqual([]);
  });

  test("a node leads to one bus: its driver at the position that is selected, two rows", () => {
    const routing = openRouting();
    routing.nodeOn[8 * CROSSBAR_OUTPUTS + 4 + 2] = 1; // link 0 → bus 2 of the bottom half
    const driver = 3 * 4 + 2;
    expect(rowsOf(routing, 8, label(3, 5))).toEqual([256 + 2 * driver, 256 + 2 * driver + 1]);
  });

  test("driver masks widen the match; all 32 drivers of a bus with mask 0", () => {
    const routing = openRouting();
    routing.nodeOn[9 * CROSSBAR_OUTPUTS + 1] = 1;
    routing.driverMask.fill(0b11110);
    expect(rowsOf(routing, 9, label(6, 0))).toEqual([6 * 8 + 2, 6 * 8 + 3, 7 * 8 + 2, 7 * 8 + 3]);
    routing.driverMask.fill(0);
    const rows = rowsOf(routing, 9, label(6, 0));
    expect(rows).toHaveLength(64);
    expect(rows.every((row) => (row >> 1) % 4 === 1)).toBe(true);
  });

  test("nodes compare (label & mask) with target", () => {
    const routing = openRouting();
    const node = 8 * CROSSBAR_OUTPUTS;
    routing.nodeOn[node] = 1;
    routing.nodeMask[node] = 1 << 11;
    routing.nodeTarget[node] = 1 << 11;
    expect(rowsOf(routing, 8, label(0, 1))).toEqual([]);
    expect(rowsOf(routing, 8, label(0, 1) | (1 << 11))).toEqual([0, 1]);
  });

  test("disabled rows stay out", () => {
    const routing = openRouting();
    routing.nodeOn[8 * CROSSBAR_OUTPUTS] = 1;
    routing.rowMode[1] = 0;
    expect(rowsOf(routing, 8, label(0, 9))).toEqual([0]);
  });
});

test("labels from the FPGA: two bits for the link, fourteen for the crossbar", () => {
  expect(fpgaInput(0xffff)).toBe(11);
  expect(fpgaInput(0x4001)).toBe(9);
  expect(fpgaLabel(0x4001)).toBe(1);
});

test("labels of neurons: event output = column / 32 of either half, address in bits 0-7", () => {
  expect(eventOutputOf(0)).toBe(0);
  expect(eventOutputOf(255)).toBe(7);
  expect(eventOutputOf(256 + 44)).toBe(1);
  expect(neuronLabel(256 + 44, 0xa5)).toBe(0x1a5);
});

test("events of output i leave on link i mod 4 only", () => {
  const neuron = 6 * 32; // event output 6
  const { routing } = defaultConfig();
  for (const link of [0, 1, 3]) routing.nodeOn[6 * CROSSBAR_OUTPUTS + 8 + link] = 1;
  expect(reachesHost(routing, neuron, neuronLabel(neuron, 0))).toBe(false);
  routing.nodeOn[6 * CROSSBAR_OUTPUTS + 8 + 2] = 1;
  expect(reachesHost(routing, neuron, neuronLabel(neuron, 0))).toBe(true);
});
