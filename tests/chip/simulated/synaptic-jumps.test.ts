import { describe, expect, test } from "vitest";
import { couplingsOf } from "../../../src/chip/couplings.ts";
import { defaultConfig } from "../../../src/chip/default-config.ts";
import { effectsWith } from "../../../src/chip/simulated/effects.ts";
import { drawSynapsePattern } from "../../../src/chip/simulated/mismatch.ts";
import { createJumpTable } from "../../../src/chip/simulated/synaptic-jumps.ts";
import { ROW_BOTH, ROW_EXCITATORY, ROW_INHIBITORY } from "../../../src/chip/types.ts";

const NEURONS = Int32Array.from([3, 7, 256 + 3]);
const ONES = Float64Array.from([1, 1, 1]);
/** No circuits are coupled. */
const ALONE = {
  couplings: couplingsOf(new Uint8Array(512)),
  gains: { gainExc: new Float64Array(512).fill(1), gainInh: new Float64Array(512).fill(1) },
};

/** Row 0 excitatory and row 1 inhibitory of both halves, label 5 everywhere, weight = column + hemisphere. */
function setUp() {
  const { routing, synapses } = defaultConfig();
  for (const hemisphere of [0, 1]) {
    routing.rowMode[hemisphere * 256] = ROW_EXCITATORY;
    routing.rowMode[hemisphere * 256 + 1] = ROW_INHIBITORY;
    for (const row of [0, 1]) {
      for (let column = 0; column < 64; column++) {
        const synapse = (hemisphere * 256 + row) * 256 + column;
        synapses.label[synapse] = 5;
        synapses.weight[synapse] = Math.min(63, column + hemisphere);
      }
    }
  }
  return { routing, synapses };
}

describe("jumps of an ideal chip", () => {
  const table = createJumpTable(drawSynapsePattern(1, effectsWith({}), 0));

  test("sign by row, neurons by hemisphere, weights times strength", () => {
    const { routing, synapses } = setUp();
    table.start(NEURONS, routing, synapses, ALONE);
    expect(table.add(5, [0, 1])).toBe(0);
    expect(table.add(5, [256])).toBe(1);
    table.applyWeights(synapses.weight);
    table.applyGain(Float64Array.from([1, 2, 3]), ONES);
    const { rows, exc, inh } = table.jumps;
    expect(rows).toBe(2);
    expect([...exc.subarray(0, 6)]).toEqual([3, 14, 0, 0, 0, 12]);
    expect([...inh.subarray(0, 6)]).toEqual([3, 7, 0, 0, 0, 0]);
  });

  test("a synapse answers to its own label only; a label that reaches nothing has no row", () => {
    const { routing, synapses } = setUp();
    synapses.label[7] = 6;
    table.start(NEURONS, routing, synapses, ALONE);
    expect(table.add(9, [0, 1])).toBe(-1);
    table.add(5, [0]);
    table.add(6, [0]);
    table.applyWeights(synapses.weight);
    table.applyGain(ONES, ONES);
    expect([...table.jumps.exc.subarray(0, 6)]).toEqual([3, 0, 0, 0, 7, 0]);
  });

  test("rows of one event add up", () => {
    const { routing, synapses } = setUp();
    routing.rowMode[1] = ROW_EXCITATORY;
    table.start(NEURONS, routing, synapses, ALONE);
    table.add(5, [0, 1]);
    table.applyWeights(synapses.weight);
    table.applyGain(ONES, ONES);
    expect([...table.jumps.exc.subarray(0, 3)]).toEqual([6, 14, 0]);
  });

  test("new weights need no new plan", () => {
    const { routing, synapses } = setUp();
    table.start(NEURONS, routing, synapses, ALONE);
    table.add(5, [0]);
    table.applyWeights(synapses.weight);
    table.applyGain(ONES, ONES);
    const weight = synapses.weight.map((w) => 63 - w);
    table.applyWeights(weight);
    table.applyGain(ONES, ONES);
    expect([...table.jumps.exc.subarray(0, 3)]).toEqual([60, 56, 0]);
  });

  test("a row of both signs acts on both inputs", () => {
    const { routing, synapses } = setUp();
    routing.rowMode[1] = ROW_BOTH;
    table.start(NEURONS, routing, synapses, ALONE);
    table.add(5, [1]);
    table.applyWeights(synapses.weight);
    table.applyGain(ONES, ONES);
    expect(table.jumps.exc.slice(0, 2)).toEqual(table.jumps.inh.slice(0, 2));
    expect(table.jumps.exc[1]).toBe(7);
  });

  test.each([
    [0, 13, 7],
    [1, 13, 7 * 0.85],
    [1, 3, 7 * 1.15],
  ])("with plasticity %i, driver offset %i makes a pulse of %f", (on, offset, pulse) => {
    const { routing, synapses } = setUp();
    routing.driverStp[0] = on;
    routing.driverOffset[0] = offset;
    table.start(NEURONS, routing, synapses, ALONE);
    table.add(5, [0]);
    table.applyWeights(synapses.weight);
    table.applyGain(ONES, ONES);
    expect(table.jumps.exc[1]).toBeCloseTo(pulse, 5);
  });
});

test("with mismatch a jump is driver · row · synapse · curve", () => {
  const pattern = drawSynapsePattern(4, effectsWith({}), 1);
  const table = createJumpTable(pattern);
  const { routing, synapses } = setUp();
  table.start(NEURONS, routing, synapses, ALONE);
  table.add(5, [1]);
  table.applyWeights(synapses.weight);
  table.applyGain(ONES, ONES);
  const own = pattern.synapses(1);
  const expected = pattern.driver[0]! * pattern.row[1]! * own.factor[7]! * pattern.curves[own.curve[7]! + 7]!;
  expect(table.jumps.inh[1]).toBeCloseTo(expected, 4);
  expect(Math.abs(expected - 7)).toBeGreaterThan(0.01);
});
