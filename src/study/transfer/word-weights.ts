/** Weights as a chip holds them: rounded to words and clipped, back in model units. */

import { calibrationOf } from "../../mapping/calibrations.ts";
import { dequantise, quantise, weightScale, wordOffsets } from "../../mapping/quantise.ts";
import { encodeData, type Plan } from "../../run/plan.ts";
import { networkOf } from "../../spec/network.ts";

/** The weights that the words of the plan's chip stand for; in software the weights themselves. */
export function wordWeights({ experiment, calibrations }: Plan, weights: Float64Array): Float64Array {
  const { chip } = experiment;
  const held = weights.slice();
  if (chip.kind === "software") return held;
  const network = networkOf(experiment, encodeData(experiment).inputs);
  const offsets = wordOffsets(network);
  const words = new Int8Array(offsets[network.projections.length] as number);
  network.projections.forEach((projection, p) => {
    const scale = weightScale(calibrationOf(calibrations, projection.to));
    quantise(projection, weights, scale, chip.copies, words, offsets[p] as number);
    dequantise(projection, words, offsets[p] as number, scale, held);
  });
  return held;
}
