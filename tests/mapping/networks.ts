/** Networks that several mapping tests place. */

import type { ProjectionSpec } from "../../src/network/network.ts";
import { buildNetwork, type Network } from "../../src/network/network.ts";

/** One projection, `"input>hidden"` and its rows per source. */
export type Edge = readonly [from: string, to: string, rows: number];

/** All constants are those of the Yin-Yang experiment. */
export function networkOf(
  inputs: number,
  populations: readonly (readonly [name: string, size: number, model: string])[],
  edges: readonly Edge[],
): Network {
  return buildNetwork(
    inputs,
    populations.map(([name, size, model]) => ({
      name,
      model,
      size,
      tauMem: 6,
      tauSynExc: 6,
      tauSynInh: 6,
      threshold: 1,
      reset: 0,
      refractory: 1,
    })),
    edges.map(([from, to, rows]): ProjectionSpec => ({ from, to, rows })),
    38,
  );
}

/** 5 inputs in 5 copies, 120 LIF, 3 LI (hxtorch:examples/spiking/yinyang.py). */
export function yinYang(hidden = 120, recurrent = false): Network {
  const edges: Edge[] = [
    ["input", "hidden", 5],
    ["hidden", "readout", 1],
  ];
  if (recurrent) edges.push(["hidden", "hidden", 1]);
  return networkOf(
    5,
    [
      ["hidden", hidden, "lif"],
      ["readout", 3, "li"],
    ],
    edges,
  );
}
