import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pushSpike, type SpikeList, spikeList } from "../../src/network/observation.ts";
import { mergeSpikes, sortSpikes } from "../../src/network/spike-order.ts";

function listOf(times: readonly number[], firstIndex = 0): SpikeList {
  const list = spikeList(0);
  times.forEach((time, k) => {
    pushSpike(list, time, firstIndex + k);
  });
  return list;
}

function entries({ count, time, index }: SpikeList): [number, number][] {
  return Array.from({ length: count }, (_, k) => [time[k]!, index[k]!]);
}

// Few different times, so that equal ones occur; long enough for several blocks.
const times = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 300 });

describe("sortSpikes", () => {
  test("is the stable sort by time", () => {
    fc.assert(
      fc.property(times, (values) => {
        const list = listOf(values);
        const expected = entries(list).sort((a, b) => a[0] - b[0]);
        sortSpikes(list, spikeList(0));
        expect(entries(list)).toEqual(expected);
      }),
    );
  });
});

describe("mergeSpikes", () => {
  test("is the stable sort of one list after the other", () => {
    fc.assert(
      fc.property(times, times, (left, right) => {
        const ascending = (values: number[]): number[] => [...values].sort((a, b) => a - b);
        const into = listOf(ascending(left));
        const from = listOf(ascending(right), 1000);
        const expected = [...entries(into), ...entries(from)].sort((a, b) => a[0] - b[0]);
        mergeSpikes(into, from);
        expect(entries(into)).toEqual(expected);
      }),
    );
  });
});
