import { describe, expect, test } from "vitest";
import { createSampleTimes } from "../../src/network/sample-times.ts";

describe("createSampleTimes", () => {
  test("a grid has every multiple of its period before the end", () => {
    const times = createSampleTimes(1);
    expect([...times.of({ kind: "grid", period: 0.25 })]).toEqual([0, 0.25, 0.5, 0.75]);
    // 3 · 0.1 is above 0.3 in doubles, still before the end; 10 · 0.1 is the end.
    expect(times.of({ kind: "grid", period: 0.1 })).toHaveLength(10);
    expect([...times.of({ kind: "grid", period: 2 })]).toEqual([0]);
  });

  test("given times are checked", () => {
    const times = createSampleTimes(10);
    expect([...times.of({ kind: "at", times: [0, 3, 10] })]).toEqual([0, 3, 10]);
    expect(() => times.of({ kind: "at", times: [3, 2] })).toThrow(/ascending/);
    expect(() => times.of({ kind: "at", times: [11] })).toThrow(/outside/);
    expect(() => times.of({ kind: "at", times: [Number.NaN] })).toThrow(/outside/);
  });

  test("maximum and none want no times", () => {
    const times = createSampleTimes(10);
    expect(times.of({ kind: "maximum" })).toHaveLength(0);
    expect(times.of({ kind: "none" })).toHaveLength(0);
  });
});
