/** Weights as a chip holds them: rounded to words and clipped, back in model units. */

import type { PreparedRun } from "../../engine/run-config.ts";
import { networkOf } from "../../experiment/network.ts";
import { calibrationOf } from "../../mapping/calibrations.ts";
import { dequantize, quantize, weightScale, wordOffsets } from "../../mapping/quantize.ts";

/** The weights that the words of the run's chip stand for; in software the weights themselves. */
export function wordWeights(
  { experiment, calibrations, inputs }: PreparedRun,
  weights: Float64Array,
): Float64Array {
  const { chip } = experiment;
  const held = weights.slice();
  if (chip.kind === "software") return held;
  const network = networkOf(experiment, inputs);
  const offsets = wordOffsets(network);
  const words = new Int8Array(offsets[network.projections.length]!);
  network.projections.forEach((projection, p) => {
    const scale = weightScale(calibrationOf(calibrations, projection.to));
    quantize(projection, weights, scale, chip.copies, words, offsets[p]!);
    dequantize(projection, words, offsets[p]!, scale, held);
  });
  return held;
}
