import { describe, expect, test } from "vitest";
import { collectArrivals, emptyArrivals, SAMPLE_POINT } from "../../src/network/arrivals.ts";
import { targetsIn } from "../../src/network/graph.ts";
import { buildNetwork } from "../../src/network/network.ts";
import { pushSpike, type SpikeList, spikeList } from "../../src/network/observation.ts";
import { li, lif } from "./samples.ts";

const network = buildNetwork(
  2,
  [lif("hidden", 3), li("readout", 2)],
  [
    { from: "input", to: "hidden", rows: 1 },
    { from: "hidden", to: "readout", rows: 1 },
    { from: "input", to: "readout", rows: 1 },
  ],
  20,
);

function spikes(...entries: [number, number][]): SpikeList {
  const list = spikeList(0);
  for (const [time, index] of entries) pushSpike(list, time, index);
  return list;
}

describe("collectArrivals", () => {
  test("merges what reaches the population, spikes before inputs before sample points", () => {
    const arrivals = emptyArrivals();
    const readout = targetsIn(network, [network.populations[1]!]);
    const inputs = spikes([1, 0], [4, 1]);
    const hidden = spikes([4, 2], [7, 0]);
    collectArrivals(arrivals, readout, 2, inputs, hidden, Float64Array.of(0, 4, 20), 20);
    const { count } = arrivals;
    expect([...arrivals.time.subarray(0, count + 1)]).toEqual([0, 1, 4, 4, 4, 7, 20, 20]);
    expect([...arrivals.gap.subarray(0, count + 1)]).toEqual([0, 1, 3, 0, 0, 3, 13, 0]);
    // Rows: hidden>readout from 6, two weights a row; input>readout from 12.
    expect([...arrivals.row.subarray(0, count)]).toEqual([
      SAMPLE_POINT,
      12,
      10,
      14,
      SAMPLE_POINT,
      6,
      SAMPLE_POINT,
    ]);
  });

  test("leaves out sources that do not project there", () => {
    const arrivals = emptyArrivals();
    const hidden = targetsIn(network, [network.populations[0]!]);
    collectArrivals(arrivals, hidden, 2, spikes([1, 1]), spikes([2, 0]), new Float64Array(0), 20);
    expect(arrivals.count).toBe(1);
    expect(arrivals.row[0]).toBe(3);
    expect(arrivals.gap[1]).toBe(19);
  });

  test("grows beyond its first capacity", () => {
    const arrivals = emptyArrivals();
    const hidden = targetsIn(network, [network.populations[0]!]);
    const many = spikes(...Array.from({ length: 200 }, (_, k): [number, number] => [k / 20, k % 2]));
    collectArrivals(arrivals, hidden, 2, many, spikes(), new Float64Array(0), 20);
    expect(arrivals.count).toBe(200);
    expect(arrivals.row[199]).toBe(3);
    expect(arrivals.time[200]).toBe(20);
  });
});
