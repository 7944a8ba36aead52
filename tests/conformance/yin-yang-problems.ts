/** Samples of the Yin-Yang task on a small untrained network with a readout. */

import { stream } from "../../src/core/random.ts";
import { latencyEncoder } from "../../src/data/encoders.ts";
import { yinYangSamples } from "../../src/data/yin-yang.ts";
import { buildNetwork } from "../../src/network/network.ts";
import type { Problem } from "./gradients.ts";

const HIDDEN = 60;
const tau = { tauMem: 6, tauSynExc: 6, tauSynInh: 6, threshold: 1, reset: 0 };

export function yinYangProblems(count: number): readonly Problem[] {
  const network = buildNetwork(
    5,
    [
      { name: "hidden", model: "lif", size: HIDDEN, refractory: 1, ...tau },
      { name: "readout", model: "li", size: 3, refractory: 0, ...tau },
    ],
    [
      { from: "input", to: "hidden", rows: 1 },
      { from: "hidden", to: "readout", rows: 1 },
    ],
    38,
  );
  const draws = stream(7, "test/yin-yang");
  const weights = Float64Array.from({ length: network.weights }, (_, i) =>
    i < 5 * HIDDEN ? 0.75 + 0.8 * draws.normal() : 0.3 * draws.normal(),
  );
  const data = yinYangSamples(count, 42);
  const { time, source, offset } = latencyEncoder({ early: 2, late: 26, bias: 2 }, { train: data }).encode(
    data,
  );
  return Array.from({ length: count }, (_, sample) => ({
    network,
    weights,
    inputs: { time, source, from: offset[sample]!, to: offset[sample + 1]! },
    loss: { kind: "max-over-time", scale: 10, chainScale: "exact", regularization: 4e-4 } as const,
    label: data.labels[sample]!,
  }));
}
