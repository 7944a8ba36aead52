import { describe, expect, it } from "vitest";
import { NEURONS } from "../../../src/chip/limits.ts";
import { keptSides } from "../../../src/chip/simulated/kept-sides.ts";

describe("kept neurons of a hemisphere", () => {
  const ids = Int32Array.of(3, 4, 5, 9, 260, 300);
  const place = new Int32Array(NEURONS).fill(-1);
  ids.forEach((neuron, i) => {
    place[neuron] = i;
  });

  it("lie in the order of the recording, placed among those of their hemisphere", () => {
    const [top, bottom] = keptSides(Int32Array.of(300, 5, 260, 3), ids, place);
    expect(top).toMatchObject({ first: 0, size: 4, column: Int32Array.of(1, 3), place: Int32Array.of(2, 0) });
    expect(bottom).toMatchObject({
      first: 4,
      size: 2,
      column: Int32Array.of(0, 2),
      place: Int32Array.of(1, 0),
    });
  });

  it("draw in pairs where they are neighbours on the chip and in the recording", () => {
    const [top, bottom] = keptSides(Int32Array.of(3, 4, 5, 300, 9), ids, place);
    expect(top).toMatchObject({ drawn: Int32Array.of(0, 1, 2, 4), draws: 6 });
    expect(bottom).toMatchObject({ drawn: Int32Array.of(0), draws: 2 });
  });

  it("draw nothing where none is kept", () => {
    const [, bottom] = keptSides(Int32Array.of(3), ids, place);
    expect(bottom).toMatchObject({ draws: 0, column: new Int32Array(0) });
  });
});
