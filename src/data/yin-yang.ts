/**
 * The Yin-Yang data set: points of a disc in three classes (yin, yang, and the two dots), as (x, y, 1−x, 1−y).
 * L. Kriener, J. Göltz, M. A. Petrovici, "The Yin-Yang dataset" (2022), arXiv:2102.08211.
 *
 * With the default seeds the arrays equal the published ones bit for bit. Per sample the published generator
 * draws a class, the low two bits of a word until they are not 3, and then points of the square until one
 * lies in the disc and in that class.
 *
 * Disc of radius R = ½ around (½, ½), dots of radius r = 0.1 around (R/2, R) and (3R/2, R):
 *
 *     dot   nearer than r to the center of a dot
 *     yin   d_right ≤ r, or r < d_left ≤ R/2, or upper half and d_right > R/2
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { member } from "../core/table.ts";
import { mersenneTwister } from "./mersenne-twister.ts";
import type { DatasetSplits, FeatureData } from "./types.ts";

const RADIUS = 0.5;
const DOT_RADIUS = 0.1;
const DOT = 2;
const CLASS_NAMES = ["yang", "yin", "dot"];

const size = (count: number, split: string) =>
  Type.Integer({ default: count, minimum: 1, maximum: 1_000_000, description: `Samples for ${split}.` });
const seed = (published: number, split: string) =>
  Type.Integer({
    default: published,
    minimum: 0,
    maximum: 0xffffffff,
    description: `Seed of the ${split} samples; ${published} gives the published ones.`,
  });

const options = {
  trainSize: size(5000, "training"),
  validationSize: size(1000, "validation"),
  testSize: size(1000, "testing"),
  trainSeed: seed(42, "training"),
  validationSeed: seed(41, "validation"),
  testSeed: seed(40, "test"),
};

export const yinYang = member({
  kind: "yin-yang",
  summary: "points of the Yin-Yang disc in three classes, as published (Kriener et al. 2022)",
  options,
  create: (chosen: Static<TObject<typeof options>>): DatasetSplits => ({
    train: yinYangSamples(chosen.trainSize, chosen.trainSeed),
    validation: yinYangSamples(chosen.validationSize, chosen.validationSeed),
    test: yinYangSamples(chosen.testSize, chosen.testSeed),
  }),
});

/** `size` samples, four features each: x, y, 1−x, 1−y. */
export function yinYangSamples(size: number, seed: number): FeatureData {
  const draws = mersenneTwister(seed);
  const features = new Float64Array(4 * size);
  const labels = new Uint8Array(size);
  for (let sample = 0; sample < size; sample++) {
    let goal = draws.word() & 3;
    while (goal === 3) goal = draws.word() & 3;
    let x: number;
    let y: number;
    do {
      x = 2 * RADIUS * draws.uniform();
      y = 2 * RADIUS * draws.uniform();
    } while (distance(x, y, RADIUS) > RADIUS || yinYangClass(x, y) !== goal);
    features.set([x, y, 1 - x, 1 - y], 4 * sample);
    labels[sample] = goal;
  }
  return { size, featureCount: 4, classes: 3, classNames: CLASS_NAMES, features, labels };
}

/** Class of a point of the disc: 0 yang, 1 yin, 2 dot. */
export function yinYangClass(x: number, y: number): number {
  const right = distance(x, y, 1.5 * RADIUS);
  const left = distance(x, y, 0.5 * RADIUS);
  if (right < DOT_RADIUS || left < DOT_RADIUS) return DOT;
  const aroundLeft = left > DOT_RADIUS && left <= 0.5 * RADIUS;
  const upper = y > RADIUS && right > 0.5 * RADIUS;
  return right <= DOT_RADIUS || aroundLeft || upper ? 1 : 0;
}

/** Distance of (x, y) to (center, R) on the horizontal diameter. */
function distance(x: number, y: number, center: number): number {
  return Math.sqrt((x - center) ** 2 + (y - RADIUS) ** 2);
}
